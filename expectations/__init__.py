"""Finds the suites, and validates one against a profile row.

Great Expectations takes seconds to import, so it is loaded where a check runs and
nowhere else; the names and notes of suites are read from their files.
"""

import ast
import importlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from expectations.profiles import Profile

FOLDER = Path(__file__).parent / "suites"


@dataclass(frozen=True)
class Finding:
    """One expectation's outcome; `severity` is critical (blocks) or warning."""

    suite: str
    expectation: str
    metric: str
    severity: str
    is_success: bool
    expected: str
    observed: str
    reason: str

    def sentence(self) -> str:
        found = f"{self.metric} is {self.observed}, expected {self.expected}"
        return f"{found}. {self.reason.rstrip('.')}" if self.reason else found


@dataclass(frozen=True)
class Result:
    """What a suite said of one profile."""

    findings: list[Finding] = field(default_factory=list)

    def failed(self, severity: str) -> list[str]:
        return [
            finding.sentence()
            for finding in self.findings
            if not finding.is_success and finding.severity == severity
        ]

    @property
    def blocks(self) -> list[str]:
        return self.failed("critical")

    @property
    def warns(self) -> list[str]:
        return self.failed("warning")


@cache
def suite_notes() -> dict[str, str]:
    """{suite name: what it promises}, from the files' names and docstrings."""
    notes = {}
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        schema, table = path.stem.split("_", 1)
        notes[f"{schema}.{table}"] = ast.get_docstring(
            ast.parse(path.read_text("utf-8"))
        )
    return notes


@cache
def suite(name: str):
    """The suite of that name, a great_expectations.ExpectationSuite."""
    module = importlib.import_module(f"expectations.suites.{name.replace('.', '_', 1)}")
    return module.suite


@cache
def context():
    """Great Expectations in memory; Data Docs are written by `write_docs`."""
    import great_expectations as gx

    made = gx.get_context(mode="ephemeral")
    made.enable_analytics(enable=False)
    made.variables.progress_bars = {"globally": False}
    return made


@cache
def batch_definition():
    source = context().data_sources.add_pandas("profiles")
    return source.add_dataframe_asset("profile").add_batch_definition_whole_dataframe(
        "row"
    )


@cache
def definition(name: str):
    import great_expectations as gx

    return context().validation_definitions.add(
        gx.ValidationDefinition(
            data=batch_definition(), suite=context().suites.add(suite(name)), name=name
        )
    )


def validate(name: str, profile: Profile, earlier: list[Profile]) -> Result:
    """Judge one profile by its suite; a table without a suite has nothing to fail.

    A metric that the profile lacks (a column that did not come) is null, and null
    breaks no bound.
    """
    if name not in suite_notes():
        return Result()
    import pandas

    row = profile.row(earlier)
    for expectation in suite(name).expectations:
        row.setdefault(expectation.column, None)
    frame = pandas.DataFrame([row], dtype="float64")
    outcome = definition(name).run(batch_parameters={"dataframe": frame})
    findings = []
    for result in outcome.results:
        if result.exception_info.get("raised_exception"):
            raise RuntimeError(
                f"the suite {name} cannot be evaluated: "
                f"{result.exception_info['exception_message']}"
            )
        config = result.expectation_config
        observed = row[config.kwargs["column"]]
        findings.append(
            Finding(
                suite=name,
                expectation=config.type,
                metric=config.kwargs["column"],
                severity=str(getattr(config.severity, "value", config.severity)),
                is_success=bool(result.success),
                expected=bounds(config.kwargs),
                observed="missing" if observed is None else number(observed),
                reason=config.notes or "",
            )
        )
    return Result(findings)


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def bounds(kwargs: dict) -> str:
    """What an expectation asks for, in words."""
    words = []
    if kwargs.get("min_value") is not None:
        least = "more than" if kwargs.get("strict_min") else "at least"
        words.append(f"{least} {number(kwargs['min_value'])}")
    if kwargs.get("max_value") is not None:
        most = "less than" if kwargs.get("strict_max") else "at most"
        words.append(f"{most} {number(kwargs['max_value'])}")
    return " and ".join(words)


def write_docs(folder: Path) -> None:
    """Write Data Docs of everything validated in this process to `folder`."""
    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
    }
    if "tierkeeper" in context().get_site_names():
        context().update_data_docs_site("tierkeeper", site)
    else:
        context().add_data_docs_site("tierkeeper", site)
    context().build_data_docs(site_names=["tierkeeper"])
