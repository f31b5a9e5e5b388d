"""Finds, without Spark, where the models' SQL would give Spark other results.

    python -m engines.lint [files …]

Only the text that both engines are given is looked at (`engines.rendering`); the
rules are those of `engines.rules`. A line may be excused, with a reason, by a comment
on it or above it: `-- portable: …`.

Not seen: what a type or a value decides that no cast shows, such as a text compared
with a number or a decimal that overflows; macros and branches that no model reaches;
and what the engines' own implementations do.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlglot
from sqlglot import exp

from engines.kinds import KINDS, Kinds
from engines.rendering import (
    IMPLEMENTATION,
    PROJECT,
    DbtProject,
    Place,
    Sql,
    Unrenderable,
)
from engines.rules import findings


@dataclass(frozen=True, order=True)
class Finding:
    """A line of source that would differ, and how."""

    place: Place
    rule: str
    sentence: str

    def __str__(self) -> str:
        path = self.place.path
        shown = (
            path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
        )
        return f"{shown}:{self.place.line}: {self.rule}: {self.sentence}"


COMMENT = re.compile(r"(?:--|\{#-?|#)\s*portable\b:?\s*(.*?)\s*(?:-?#\}.*)?$")
ONLY_COMMENT = re.compile(r"\s*(--|\{#|#)")
BRANCHES = re.compile(r"(?:target\.|adapter\.|target\[')(type|name)\b")
DISPATCH = re.compile(r"adapter\.dispatch\(\s*'(\w+)'")
OPENS = re.compile(r"{%-?\s*(macro|test|materialization)\s+(\w+)")
CLOSES = re.compile(r"{%-?\s*end(macro|test|materialization)")
GENERIC = ("unique", "not_null", "accepted_values", "relationships")


class Project:
    """The project's SQL, and what the lint finds in it."""

    def __init__(self, folder: Path = PROJECT) -> None:
        self.folder = folder
        self.dbt = DbtProject(folder)
        self.kinds = Kinds(self.model_output, self.dispatched_body)
        self.model_paths = {
            path.stem: path for path in sorted((folder / "models").rglob("*.sql"))
        }
        self.outputs: dict[str, dict[str, str] | exp.Expression | None] = {}

    # ------------------------------------------------------------ what is looked at

    @cached_property
    def files(self) -> list[Path]:
        """The files that hold SQL: models, tests and macros."""
        return [
            *self.model_paths.values(),
            *sorted((self.folder / "tests").glob("*.sql")),
            *sorted((self.folder / "tests" / "generic").rglob("*.sql")),
            *sorted((self.folder / "macros").rglob("*.sql")),
        ]

    def rendered(self, files: Iterable[Path]) -> Iterator[Sql | Unrenderable]:
        """Models and tests as SQL, built from nothing and, where that differs, anew."""
        for path in files:
            texts = set()
            for incremental in (False, True):
                try:
                    sql = self.dbt.render(path, incremental=incremental)
                except Unrenderable as error:
                    yield error
                    break
                if sql.text not in texts:
                    texts.add(sql.text)
                    yield sql

    def generic_tests(self) -> Iterator[Sql | Unrenderable]:
        """The rules that YAML files give to our own generic tests, as SQL."""
        for path, properties in self.dbt.properties.items():
            for table in [
                *properties.get("models", []),
                *(t for s in properties.get("sources", []) for t in s["tables"]),
            ]:
                model = f"refs.{table['name']}"
                for test in tests_of(table):
                    if isinstance(test, str):
                        name, given = test, {}
                    else:
                        name, given = next(iter(test.items()))
                        given = (given or {}).get("arguments", given) or {}
                    if f"test_{name}" not in self.dbt.macros:
                        continue
                    try:
                        yield self.dbt.call(
                            f"test_{name}",
                            path,
                            model=model,
                            **{str(k): self.lined(path, v) for k, v in given.items()},
                        )
                    except Unrenderable as error:
                        yield error

    def lined(self, path: Path, value: object) -> object:
        """A value of YAML whose texts carry their line into what is rendered."""
        if isinstance(value, list):
            return [self.lined(path, item) for item in value]
        line = getattr(value, "line", None)
        return value if line is None else self.dbt.marked(str(value), path, line)

    def hooks(self) -> Iterator[Sql | Unrenderable]:
        """What runs before the models, after each, and when one is added to."""
        path = self.folder / "dbt_project.yml"
        self.dbt.model["config"] = {"incremental_strategy": "by_evaluation"}
        for hook in re.findall(r'"(\{\{.*?\}\})"', path.read_text()):
            try:
                self.dbt.asked.clear()
                yield self.dbt.render(path, text=hook)
                for text in list(self.dbt.asked):
                    yield self.dbt.unmarked(path, text)
            except Unrenderable as error:
                yield error
        for name in self.dbt.macros:
            if re.fullmatch(r"get_incremental_\w+_sql", name):
                try:
                    yield self.dbt.call(name, path, ARGUMENTS)
                except Unrenderable as error:
                    yield error

    # -------------------------------------------------------------- what kinds need

    def dispatched_body(self, name: str) -> exp.Expression | None:
        """What an engine's own text gives, to tell its kind."""
        try:
            return sqlglot.parse_one(self.dbt.bodies.get(name, ""), dialect="duckdb")
        except sqlglot.errors.SqlglotError:
            return None

    def model_output(self, name: str) -> dict[str, str] | exp.Expression | None:
        """A model's query; of a seed or a mart the kinds of its declared columns."""
        if name not in self.outputs:
            self.outputs[name] = self.declared.get(name) or self.parsed(name)
        return self.outputs[name]

    def parsed(self, name: str) -> exp.Expression | None:
        """A model's query, if there is one and it can be read."""
        try:
            text = self.dbt.render(self.model_paths[name]).text
            return sqlglot.parse_one(text, dialect="duckdb")
        except (KeyError, Unrenderable, sqlglot.errors.SqlglotError):
            return None

    @cached_property
    def declared(self) -> dict[str, dict[str, str]]:
        """The kinds of the columns whose type a YAML file declares."""
        found: dict[str, dict[str, str]] = {}
        seeds = self.folder.parent / "seeds" / "reference"
        properties = [
            *self.dbt.properties.values(),
            *(self.dbt.yaml(path) for path in sorted(seeds.glob("*.yml"))),
        ]
        for file in properties:
            for node in [*file.get("models", []), *file.get("seeds", [])]:
                types = {
                    str(column["name"]): str(column["data_type"])
                    for column in node.get("columns", [])
                    if "data_type" in column
                }
                types |= node.get("config", {}).get("column_types", {})
                if types:
                    found[str(node["name"])] = {
                        str(column): KINDS.get(re.match(r"\w+", type_).group().lower())
                        for column, type_ in types.items()
                    }
        return found

    # ------------------------------------------------------------------ what is found

    def lint(self, files: Iterable[Path] = ()) -> list[Finding]:
        """What would differ in these files, or in all of them, in their order."""
        files = [Path(path).resolve() for path in files]
        known = set(self.files)
        outside = [path for path in files if path not in known]
        only = set(files)
        whole = not files or not only <= {*self.model_paths.values(), *outside}
        found = {
            Finding(error.place, "unreadable", str(error)) for error in self.dbt.broken
        }
        read = list(self.model_paths.values()) if whole else [
            path for path in files if path in known
        ]  # fmt: skip
        read += sorted((self.folder / "tests").glob("*.sql")) if whole else []
        units = list(self.rendered([*read, *outside]))
        if whole:
            units += [*self.generic_tests(), *self.hooks()]
        for unit in units:
            if isinstance(unit, Unrenderable):
                found.add(Finding(unit.place, "unreadable", str(unit)))
                continue
            seen = {(finding.place, finding.rule) for finding in found}
            for rule, offset, sentence in findings(unit.text, self.kinds):
                finding = Finding(unit.place(offset), rule, sentence)
                # Once a line is enough, though a macro's has many arguments.
                if (finding.place, finding.rule) not in seen:
                    seen.add((finding.place, finding.rule))
                    found.add(finding)
        sources = [*self.files, *outside] if whole else files
        for path in sources:
            found |= set(branches(path))
        if whole:
            found |= set(self.unpaired())
        yamls = list(self.dbt.properties) if whole else []
        found = excused(found, [*sources, *yamls], whole=whole)
        return sorted(f for f in found if not only or f.place.path in only)

    def unpaired(self) -> Iterator[Finding]:
        """Dispatched macros that one engine lacks, or that none has its own way of."""
        engines: dict[str, dict[str, Place]] = {}
        for path in self.files:
            for line, text in enumerate(path.read_text().splitlines(), 1):
                opened = OPENS.search(text)
                own = opened and IMPLEMENTATION.fullmatch(opened.group(2))
                if own:
                    engine, name = own.groups()
                    engines.setdefault(name, {})[engine] = Place(path, line)
                for name in DISPATCH.findall(text):
                    engines.setdefault(name, {})["call"] = Place(path, line)
        for name, places in sorted(engines.items()):
            has = places.keys() - {"call"}
            place = places.get("call") or min(places.values())
            if "call" not in places:
                if not is_dispatched_by_dbt(name):
                    yield Finding(
                        place, "dispatch",
                        f"no `adapter.dispatch('{name}')` chooses among these; "
                        "dispatch or delete them",
                    )  # fmt: skip
            elif has == {"default"}:
                yield Finding(
                    place, "dispatch",
                    f"`{name}` has only `default__{name}`, which the rules do not see; "
                    f"add `spark__{name}`, or write it without dispatch",
                )  # fmt: skip
            elif not {"duckdb", "spark"} <= has and "default" not in has:
                lacks = sorted({"duckdb", "spark"} - has)
                yield Finding(
                    place, "dispatch",
                    f"`{name}` has no implementation for {' and '.join(lacks)}",
                )  # fmt: skip


# Of those that dbt-spark dispatches, what we write ourselves: linting needs no Spark.
DISPATCHED_BY_DBT_SPARK = {"partition_cols"}


def is_dispatched_by_dbt(name: str) -> bool:
    """Whether dbt or an adapter chooses among a macro's implementations itself."""
    if name in DISPATCHED_BY_DBT_SPARK:
        return True
    spec = importlib.util.find_spec("dbt")
    return any(
        f"dispatch('{name}'" in file.read_text()
        for folder in (spec.submodule_search_locations if spec else [])
        for file in (Path(folder) / "include").rglob("*.sql")
    )


class Arguments:
    """What dbt gives to the macro of an incremental strategy."""

    target_relation, temp_relation = "refs.model", "refs.arrived"
    unique_key = ("customer_key", "evaluation_date")
    dest_columns = ({"quoted": "customer_key", "name": "customer_key"},)
    incremental_predicates = None


ARGUMENTS = Arguments()


def tests_of(table: dict) -> Iterator[str | dict]:
    """The data tests of a table and of its columns."""
    for node in [table, *table.get("columns", [])]:
        yield from node.get("data_tests") or node.get("tests") or []


def branches(path: Path) -> Iterator[Finding]:
    """Where a file asks which engine it is on, outside an engine's own macro."""
    own = False
    for line, text in enumerate(path.read_text().splitlines(), 1):
        if opened := OPENS.search(text):
            own = opened.group(1) == "materialization" or bool(
                IMPLEMENTATION.fullmatch(opened.group(2))
            )
        if (asked := BRANCHES.search(text)) and not own:
            yield Finding(
                Place(path, line), "engine-branch",
                f"`{asked.group()}` asks for the engine; dispatch a macro instead",
            )  # fmt: skip
        if CLOSES.search(text):
            own = False


def excused(found: set[Finding], files: list[Path], *, whole: bool) -> set[Finding]:
    """The findings but those a comment excuses, and with the comments that fail to."""
    by_place: dict[Place, list[Finding]] = {}
    for finding in found:
        by_place.setdefault(finding.place, []).append(finding)
    left = set(found)
    for path in files:
        lines = path.read_text().splitlines()
        for number, text in enumerate(lines, 1):
            comment = COMMENT.search(text)
            if not comment:
                continue
            # The comment's own line, or the first below that is no comment.
            below = number
            while ONLY_COMMENT.match(lines[below - 1]) and below < len(lines):
                below += 1
            about = by_place.get(Place(path, below), [])
            place = Place(path, number)
            if not comment.group(1):
                left.add(Finding(place, "exception", "say why after `portable:`"))
            elif about:
                left -= set(about)
            elif whole or path.parent.name != "macros":
                left.add(
                    Finding(place, "exception", "excuses nothing; delete the comment")
                )
    return left


def main(arguments: list[str] | None = None) -> int:
    """Prints what is found and says by its status whether there was anything."""
    parser = argparse.ArgumentParser(prog="python -m engines.lint", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="none: the whole project")
    files = parser.parse_args(arguments).files
    project = Project()
    found = project.lint(files)
    for finding in found:
        print(finding)
    if not found:
        print(f"Portable: {len(files or project.files)} files.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
