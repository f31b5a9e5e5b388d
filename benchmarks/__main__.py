"""python -m benchmarks: what nights and landing cost, and docs/benchmarks.md of it."""

import argparse
import sys
from pathlib import Path

from benchmarks import components, landing, nights, report, scale, scores, tiers
from orchestration.settings import PROJECT, SettingsError

RESULTS = PROJECT / "data" / "bench"


def run(arguments: argparse.Namespace) -> None:
    name = arguments.scale
    customers = scale.SCALES.get(name)
    if customers is None:
        if not name.isdecimal() or int(name) < 50:
            sys.exit(f"SCALE is {name!r}: s, m, l, or a number of customers from 50.")
        customers = int(name)
    out = (arguments.out or RESULTS / name).resolve()
    try:
        result = scale.run(name, customers, out)
    except (nights.Failed, scale.Unusable, SettingsError) as error:
        sys.exit(str(error))
    print(f"\n{report.told(result)}\n\nResult: {out / scale.RESULT}")


def land(arguments: argparse.Namespace) -> None:
    found = landing.measure(arguments.megabytes)
    print(
        f"Landing {found['megabytes']} MB takes {found['ratio']} times a bare COPY "
        f"({found['landing_seconds']} s against {found['bare_copy_seconds']} s)."
    )


def connect(arguments: argparse.Namespace) -> None:
    found = components.measure(arguments.records, arguments.memory)
    print(
        f"{found['records']:,} records, {found['edges']:,} links: "
        f"{found['components']:,} components, the largest of {found['largest']:,}, "
        f"in {found['seconds']} s and {found['peak_megabytes']:,} MB."
    )


def rate(arguments: argparse.Namespace) -> None:
    found = tiers.measure(
        arguments.customers, arguments.evaluations, arguments.memory, arguments.policies
    )
    for model in found["models"]:
        print(f"{model['model']:30}{model['seconds']:8} s{model['rows']:14,} rows")
    print(
        f"{found['rated_customers']:,} customers with a tier, {found['evaluations']} "
        f"evaluations, policies: {found['policies']}: {found['live_rows']:,} live rows "
        f"in {found['seconds']} s and {found['peak_megabytes']:,} MB."
    )


def score(arguments: argparse.Namespace) -> None:
    found = scores.measure(arguments.customers, arguments.memory)
    print(
        f"{found['scored']:,} of {found['customers']:,} customers have a score, "
        f"in {found['seconds']} s and {found['peak_megabytes']:,} MB."
    )


def tell(arguments: argparse.Namespace) -> None:
    for path in report.write(arguments.results):
        print(path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(required=True)
    running = commands.add_parser("run", help="four nights and their floor")
    running.add_argument("--scale", default="s", help="s, m, l, or customers")
    running.add_argument("--out", type=Path, help="default data/bench/<scale>")
    running.set_defaults(command=run)
    landed = commands.add_parser("landing", help="landing against a bare COPY")
    landed.add_argument("--megabytes", type=int, default=100, help="default 100")
    landed.set_defaults(command=land)
    connected = commands.add_parser("components", help="of a graph of records")
    connected.add_argument("--records", type=int, default=1_000_000)
    connected.add_argument("--memory", default="2GB", help="DuckDB's limit")
    connected.set_defaults(command=connect)
    rated = commands.add_parser("tiers", help="of invented customers")
    rated.add_argument("--customers", type=int, default=100_000)
    rated.add_argument("--evaluations", type=int, default=24)
    rated.add_argument("--memory", default="6GB", help="DuckDB's limit")
    rated.add_argument(
        "--policies",
        choices=tiers.POLICIES,
        default="eight",
        help="shipped live ones, also candidates, or one of eight criteria (default)",
    )
    rated.set_defaults(command=rate)
    scored = commands.add_parser("scores", help="of invented customers")
    scored.add_argument("--customers", type=int, default=10_000_000)
    scored.add_argument("--memory", default="6GB", help="DuckDB's limit")
    scored.set_defaults(command=score)
    telling = commands.add_parser("report", help="docs/benchmarks.* of all results")
    telling.add_argument("--results", type=Path, default=RESULTS)
    telling.set_defaults(command=tell)
    arguments = parser.parse_args()
    arguments.command(arguments)


if __name__ == "__main__":
    main()
