"""What each feed promises: the source YAML and feeds.csv, read for landing."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from orchestration.settings import DBT_PROJECT, REFERENCE


class ContractError(Exception):
    """The declarations contradict each other; the message says where and what to do."""


@dataclass(frozen=True)
class Column:
    """One declared column; `type` as in docs/sources.md (text, money, timestamp …)."""

    name: str
    type: str
    is_required: bool
    is_personal: bool
    code_list: str | None


@dataclass(frozen=True)
class Feed:
    """A declared feed; `table` names its source table, asset and suite alike."""

    table: str
    source: str
    name: str
    event: str | None
    columns: tuple[Column, ...]
    is_required: bool
    has_manifests: bool

    @property
    def label(self) -> str:
        return f"{self.source}/{self.name}"


def read_yaml(path: Path) -> dict:
    """What a YAML file holds; by libyaml where it is there, in a tenth of the time."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text("utf-8"), loader)


@cache
def feeds(
    staging: Path = DBT_PROJECT / "models" / "staging", reference: Path = REFERENCE
) -> dict[tuple[str, str], Feed]:
    """Every declared feed by (source, feed).

    Raises ContractError naming feeds.csv when it and the YAML name different feeds.
    """
    policies = {}
    listing = reference / "feeds.csv"
    with listing.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            policies[row["source"], row["feed"]] = row
    declared = {}
    for path in sorted(staging.glob("*/_*.yml")):
        for source in read_yaml(path).get("sources", []):
            for table in source["tables"]:
                meta = table["config"]["meta"]
                key = meta["source"], meta["feed"]
                if "columns" not in table:
                    continue  # written by the night itself, never landed
                if key not in policies:
                    raise ContractError(
                        f"{listing.name} has no line for {'/'.join(key)}, which "
                        f"{path.name} declares: add one."
                    )
                policy = policies[key]
                declared[key] = Feed(
                    table=table["name"],
                    source=key[0],
                    name=key[1],
                    event=meta.get("event"),
                    columns=tuple(
                        Column(
                            name=column["name"],
                            type=column["config"]["meta"]["type"],
                            is_required=column["config"]["meta"].get("required", False),
                            is_personal=column["config"]["meta"].get("pii", False),
                            code_list=column["config"]["meta"].get("code_list"),
                        )
                        for column in table["columns"]
                    ),
                    is_required=policy["is_required"] == "true",
                    has_manifests=policy["has_manifests"] == "true",
                )
    for key in policies.keys() - declared.keys():
        raise ContractError(
            f"{listing.name} names {'/'.join(key)}, which no file in "
            "models/staging declares: remove the line, or declare the feed."
        )
    return declared
