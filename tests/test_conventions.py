"""The conventions of this warehouse, read off dbt's manifest; data is never checked."""

import re
from functools import cache

import pytest
import yaml

from orchestration import transform
from orchestration.settings import DBT_PROJECT, PROJECT


@pytest.fixture(scope="module")
def manifest(parsed):
    return transform.manifest(parsed)


@pytest.fixture(scope="module")
def models(manifest):
    return [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]


def names(nodes):
    return sorted(node["name"] for node in nodes)


def layer(model):
    return model["path"].split("/")[0]


def test_every_model_says_what_one_row_is(manifest):
    tables = [
        node
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("model", "seed", "source")
    ]
    wordless = [t for t in tables if not re.match("One row[ ,]", t["description"])]
    assert names(wordless) == []


def test_every_column_of_a_mart_is_described(models):
    silent = [
        f"{model['name']}.{column['name']}"
        for model in models
        for column in model["columns"].values()
        if layer(model) == "marts" and not column["description"]
    ]
    assert silent == []


def test_every_mart_has_an_enforced_contract_and_a_yaml_file_of_its_own(models):
    marts = [model for model in models if layer(model) == "marts"]
    assert len(marts) >= 12
    loose = [m for m in marts if not m["config"]["contract"]["enforced"]]
    assert names(loose) == []
    astray = [m for m in marts if not m["patch_path"].endswith(f"/{m['name']}.yml")]
    assert names(astray) == []


KEY_TESTS = {"unique", "unique_together", "one_version_in_force"}


def test_every_model_has_a_tested_key(manifest, models):
    keyed = {
        test["attached_node"]
        for test in manifest["nodes"].values()
        if test["resource_type"] == "test"
        and test.get("test_metadata", {}).get("name") in KEY_TESTS
    }
    one_row = {
        m["unique_id"] for m in models if m["description"].startswith("One row,")
    }
    readers = manifest["child_map"]
    views = [m["unique_id"] for m in models if m["config"]["materialized"] == "view"]

    # What a view holds twice shows in the tables that read it: a test of the view
    # itself would compute it once more, and the largest are views.
    def is_tested(model):
        read_by = [reader for reader in readers[model] if reader.startswith("model.")]
        return model in keyed | one_row or (
            model in views and read_by and all(map(is_tested, read_by))
        )

    unkeyed = [m for m in models if not is_tested(m["unique_id"])]
    assert names(unkeyed) == []


def test_names_tell_the_layer(models):
    forms = {
        "staging": r"stg_[a-z_]+?__[a-z_]+",
        "intermediate": r"int_[a-z_]+?__[a-z_]+|run_parameters",
        "marts": r"(?!stg_|int_)[a-z_]+",
    }
    odd = [m for m in models if not re.fullmatch(forms[layer(m)], m["name"])]
    assert names(odd) == []


def test_only_staging_reads_sources(models):
    readers = [
        model
        for model in models
        if layer(model) != "staging"
        and any(n.startswith("source.") for n in model["depends_on"]["nodes"])
    ]
    assert names(readers) == []


def test_no_layer_reads_a_later_one(manifest, models):
    order = {"staging": 0, "intermediate": 1, "marts": 2}
    backward = [
        f"{model['name']} reads {parent}"
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent.startswith("model.")
        and order[layer(manifest["nodes"][parent])] > order[layer(model)]
    ]
    assert backward == []


def sql_files():
    return sorted((DBT_PROJECT / "models").rglob("*.sql"))


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\{\{\s*config\(", "a folder or the YAML decides"),
        (r"\bvar\(|\benv_var\(", "models read run_parameters"),
        (
            r"current_date|current_timestamp|\bnow\(\)|\brandom\(|\btoday\(",
            "a mart is a pure function of raw, reference data and the day",
        ),
        (r"\bntile\(", "ties must not be split by row order"),
    ],
)
def test_no_model_holds(pattern, why):
    found = [path.name for path in sql_files() if re.search(pattern, path.read_text())]
    assert found == [], why


def test_a_model_ends_with_the_rows_that_it_is_named_for():
    generated = re.compile(r"^(--.*\n)?\{\{ (staged_versions|valid_versions|as_of)\(")
    odd = [
        path.name
        for path in sql_files()
        if not generated.match(path.read_text())
        and not re.search(r"\)\n\nselect \* from [a-z_]+\n$", path.read_text())
    ]
    assert odd == []


def test_every_versions_model_is_in_the_counts_of_fates(manifest, models):
    fates = manifest["nodes"]["model.tierkeeper.int_rows__fates"]
    versions = {m["unique_id"] for m in models if m["name"].endswith("_versions")}
    assert versions == set(fates["depends_on"]["nodes"])


def test_every_model_by_evaluation_is_built_after_the_fingerprints(manifest, models):
    """It reads them by name (macros/touched_rows.sql), which gives dbt no order."""
    parents = {model["unique_id"]: model["depends_on"]["nodes"] for model in models}
    fingerprints = "model.tierkeeper.int_evaluations__fingerprinted"

    @cache
    def ancestors(node: str) -> frozenset[str]:
        found = frozenset(parents.get(node, ())) & parents.keys()
        return found.union(*map(ancestors, found))

    dated = [
        model["unique_id"]
        for model in models
        if model["config"].get("incremental_strategy") == "by_evaluation"
    ]
    assert len(dated) > 10
    assert [node for node in dated if fingerprints not in ancestors(node)] == []


def test_every_staged_feed_is_declared_with_its_own_name(manifest):
    for source in manifest["sources"].values():
        meta = source["config"]["meta"]
        assert source["name"] == f"{meta['source']}_{meta['feed']}"


def test_what_is_personal_in_staging_is_in_no_published_mart(manifest, models):
    personal = {
        column["name"]
        for source in manifest["sources"].values()
        for column in source["columns"].values()
        if column["config"]["meta"].get("pii")
    }
    assert {"customer_name", "email", "comment", "note"} <= personal
    published = {
        column: model["name"]
        for model in models
        if layer(model) == "marts"
        for column in model["columns"]
    }
    assert {c: m for c, m in published.items() if c in personal} == {}


def test_each_macro_file_is_named_for_its_first_macro():
    astray = [
        path.name
        for path in (DBT_PROJECT / "macros").glob("*.sql")
        if re.search(r"\{%-? macro (\w+)\(", path.read_text())[1] != path.stem
    ]
    assert astray == []


def test_usage_reports_are_switched_off():
    project = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())
    assert project["flags"]["send_anonymous_usage_stats"] is False
    dagster = yaml.safe_load((PROJECT / "orchestration" / "dagster.yaml").read_text())
    assert dagster["telemetry"]["enabled"] is False


def test_the_lock_has_hashes_and_no_address():
    lock = (PROJECT / "requirements.lock").read_text()
    pins = re.findall(r"^[a-z0-9][\w.\[\]-]*==", lock, flags=re.MULTILINE)
    assert len(pins) > 100
    assert lock.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|file://|--index-url|--find-links", lock)
