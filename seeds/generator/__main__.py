"""The command line: arguments in, one clear sentence for each that is wrong."""

import argparse
import re
import resource
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from seeds.generator import company, delivery, results, truth
from seeds.generator.world import EFFECTS, WORLDS, World, without


class Wrong(Exception):
    """An argument that cannot be meant; the message says what to do."""


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{text} is no day: write it as 2026-07-14.") from None


def number(text: str, name: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise Wrong(f"{name} is {text}: write a whole number.") from None
    if value < least:
        raise Wrong(f"{name} is {value}: it must be at least {least}.")
    return value


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m seeds.generator",
        description="Make a sample company with planted truth.",
    )
    parser.add_argument("--out", required=True, help="a new or empty folder")
    parser.add_argument("--customers", required=True, help="how many customers")
    parser.add_argument("--seed", default="1", help="the same seed, the same company")
    parser.add_argument("--nights", default="0", help="split into daily deliveries")
    parser.add_argument("--from", dest="from_day", default="2024-01-01")
    parser.add_argument("--to", dest="to_day", default="2026-07-14")
    parser.add_argument("--world", default="ordinary", help=" or ".join(WORLDS))
    parser.add_argument("--without", nargs="*", default=[], metavar="EFFECT")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--memory", default="5GB")
    return parser.parse_args(arguments)


def world_of(options: argparse.Namespace) -> tuple[World, int]:
    """The world asked for, and the number of nights; raises Wrong."""
    unknown = sorted(set(options.without) - EFFECTS.keys())
    if unknown:
        raise Wrong(
            f"--without {' '.join(unknown)} is no effect: choose of "
            f"{', '.join(EFFECTS)}."
        )
    if options.world not in WORLDS:
        raise Wrong(f"--world {options.world} is none: choose of {', '.join(WORLDS)}.")
    world = World(
        customers=number(options.customers, "--customers", 50),
        seed=number(options.seed, "--seed", 0),
        from_day=day(options.from_day),
        to_day=day(options.to_day),
        **WORLDS[options.world],
    )
    span = (world.to_day - world.from_day).days
    if span < 180:
        raise Wrong(
            f"--from {world.from_day} to --to {world.to_day} is {span} days: a history "
            "needs at least 180."
        )
    if world.customers > 10_000_000:
        raise Wrong("--customers is more than 10000000: keys have no room for them.")
    nights = number(options.nights, "--nights", 0)
    if nights > span - 30:
        raise Wrong(
            f"--nights {nights} leaves less than 30 days before the first delivery: "
            f"ask for at most {span - 30}."
        )
    return without(world, options.without), nights


def memory(text: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", text):
        raise Wrong(f"--memory {text} is no size: write it as 5GB.")
    return text


def empty_folder(path: str) -> Path:
    out = Path(path).resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Wrong(f"{path} is not empty: name a new folder, or empty it first.")
    out.mkdir(parents=True, exist_ok=True)
    return out


def generate(options: argparse.Namespace) -> None:
    world, nights = world_of(options)
    threads = number(options.threads, "--threads", 1)
    limit = memory(options.memory)
    out = empty_folder(options.out)
    began = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix=".work-", dir=out))
    try:
        with duckdb.connect(str(work / "company.duckdb")) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"set threads = {threads}")
            connection.execute("set memory_limit = ?", [limit])
            connection.execute("set temp_directory = ?", [str(work)])
            company.make(connection, world)
            rows = delivery.write(connection, world, out, nights)
            truth.write(connection, world, out)
    finally:
        shutil.rmtree(work)
    report(out, rows, time.monotonic() - began)


def report(out: Path, rows: dict[str, int], seconds: float) -> None:
    for feed, count in rows.items():
        print(f"{feed:28}{count:>12,}")
    size = sum(path.stat().st_size for path in out.glob("landing/**/*.*"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{'all':28}{sum(rows.values()):>12,}")
    print(
        f"{size / 1e6:.1f} MB in {seconds:.0f} s "
        f"({time.process_time():.0f} s of processor), at most {peak:.1f} GB of memory"
    )


def answer_warnings(arguments: list[str]) -> None:
    """The second command: what came of the warnings that the warehouse opened."""
    parser = argparse.ArgumentParser(prog="python -m seeds.generator results")
    parser.add_argument("--ledger", required=True, help="tierkeeper/decisions")
    parser.add_argument("--company", required=True, help="a folder made before")
    parser.add_argument("--through", required=True, help="last day of results")
    options = parser.parse_args(arguments)
    written = results.write(
        options.ledger, Path(options.company).resolve(), day(options.through)
    )
    for name, count in written.items():
        print(f"{name:44}{count:>8,}")


def main(arguments: list[str]) -> int:
    try:
        if arguments[:1] == ["results"]:
            answer_warnings(arguments[1:])
        else:
            generate(parse(arguments))
    except (Wrong, results.Unusable) as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
