# The public commands. Each makes its own environment on a fresh machine.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
READY := .venv/ready
SPARK_READY := .venv/spark-ready
LINKS_READY := .venv/links-ready
COMPILED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --quiet

.PHONY: help nightly dev test test-all lint docs rollback generate sample bench identity stability churn spark fit lock

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else "Tierkeeper needs Python 3.11 to 3.13 and found %d.%d: set PYTHON=…" % v[:2])'
	@echo "Making the environment in .venv (once, about two minutes) …"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $(READY)

$(SPARK_READY): $(READY) requirements-spark.lock
	@echo "Adding Spark to .venv (once, about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-spark.lock
	@touch $(SPARK_READY)

$(LINKS_READY): $(READY) requirements-links.lock
	@echo "Adding Splink to .venv (once, seconds) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-links.lock
	@touch $(LINKS_READY)

nightly: $(READY) ## land, check, build, audit, publish; then a short table
	@$(BIN)/python -m orchestration nightly

dev: $(READY) ## Dagster's page on 127.0.0.1:3000
	@$(BIN)/python -m orchestration dev

test: $(READY) ## what CI runs first
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long and not spark and not links"

test-all: $(SPARK_READY) $(LINKS_READY) ## also the long proofs, Spark and Splink
	@$(BIN)/python -m pytest -n 2 --dist loadfile --hypothesis-profile=long

lint: $(READY) ## ruff, sqlfluff, and what Spark would do differently
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests
	@$(BIN)/python -m engines.lint

docs: $(READY) ## dbt docs as one static page
	@$(BIN)/python -m orchestration docs

rollback: $(READY) ## put the previous snapshot back
	@$(BIN)/python -m orchestration rollback

generate: $(if $(OUT),$(READY)) ## a sample company: OUT=folder [CUSTOMERS=2000 SEED=1 NIGHTS=30]
	@test -n "$(OUT)" || { echo "OUT names the new folder: make generate OUT=/tmp/company"; exit 2; }
	@$(BIN)/python -m seeds.generator --out "$(OUT)" --customers "$(or $(CUSTOMERS),2000)" \
		--seed "$(or $(SEED),1)" $(if $(NIGHTS),--nights "$(NIGHTS)")

sample: $(if $(OUT),$(READY)) ## the company of seeds/landing made anew into OUT, with its twelve nights
	@test -n "$(OUT)" || { echo "OUT names the new folder: make sample OUT=/tmp/sample"; exit 2; }
	@$(BIN)/python -m seeds.generator.sample --out "$(OUT)"

bench: $(READY) ## four nights and their floor: SCALE=s|m|l [OUT=folder]
	@$(BIN)/python -m benchmarks run --scale "$(or $(SCALE),s)" $(if $(OUT),--out "$(OUT)")

identity: $(if $(LINKS),$(LINKS_READY),$(READY)) ## precision and recall of merges, as docs/identity.md: [LINKS=yes]
	@$(BIN)/python -m benchmarks.identity $(if $(LINKS),--links)

stability: $(READY) ## how steady tiers are, as docs/tiers.md; of the data in LANDING_DIR if that is set
	@$(BIN)/python -m benchmarks.stability

churn: $(READY) ## how well scores of orders warn, on public data, as docs/churn.md; the backtest of the data in LANDING_DIR if that is set
	@$(BIN)/python -m benchmarks.churn

spark: $(SPARK_READY) ## the same models on Spark (Java 17), and every mart compared
	@test -d "$(or $(DATA_DIR),data)/raw" || $(BIN)/python -m orchestration nightly
	@$(BIN)/python -m engines

fit: $(if $(LINKS),$(LINKS_READY),$(READY)) ## learn the scores of churn from the last night, and probable links if Splink is there: [LINKS=yes]
	@$(BIN)/python -m orchestration fit

lock: $(READY) ## renew requirements.lock from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --extra dev $(COMPILED) --upgrade -o requirements.lock
	@for extra in spark links; do \
		uv pip compile pyproject.toml --extra $$extra $(COMPILED) --constraint requirements.lock \
			$$(grep -oE '^[a-z0-9._-]+==' requirements.lock | sed 's/==//; s/^/--no-emit-package /') \
			-o requirements-$$extra.lock; \
	done
