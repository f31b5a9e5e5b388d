"""What was measured, as tables and as a picture of cost against size."""

import html
import json
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.scale import FULL, LATE, NEW, NOTHING, RESULT
from orchestration.settings import PROJECT

DOCS = PROJECT / "docs"
BEGIN, END = "<!-- figures: python -m benchmarks report -->", "<!-- end of figures -->"
# A line of the picture: which step, which figure of it, how it is drawn.
SECONDS = [
    (FULL, "seconds", "full build", "#1b6ca8"),
    (NEW, "seconds", "0.2 % new rows", "#c8553d"),
    (LATE, "seconds", "late row and merge", "#7a5195"),
    (NOTHING, "seconds", "nothing new", "#6b8e23"),
    (FULL, "floor_seconds", "floor of the full build", "#888888"),
]
MEGABYTES = [
    (FULL, "peak_megabytes", "full build", "#1b6ca8"),
    (NEW, "peak_megabytes", "0.2 % new rows", "#c8553d"),
    (NOTHING, "peak_megabytes", "nothing new", "#6b8e23"),
    (FULL, "floor_peak_megabytes", "floor of the full build", "#888888"),
]


def write(folder: Path) -> list[Path]:
    """Bring docs/benchmarks.* up to date with every result below the folder.

    Results that the folder has no new one of stay. Returns what was written.
    """
    kept = DOCS / "benchmarks.json"
    results = {
        result["name"]: result
        for result in (json.loads(kept.read_text("utf-8")) if kept.exists() else [])
    }
    for path in sorted(folder.glob(f"*/{RESULT}")):
        result = json.loads(path.read_text("utf-8"))
        results[result["name"]] = result
    ordered = sorted(results.values(), key=orders)
    page, picture = DOCS / "benchmarks.md", DOCS / "benchmarks.svg"
    text = page.read_text("utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    kept.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n", "utf-8")
    picture.write_text(drawn(ordered), "utf-8")
    tables = "\n\n".join(told(result, is_markdown=True) for result in ordered[::-1])
    page.write_text(f"{before}{BEGIN}\n{growth(ordered)}\n\n{tables}\n{END}{after}")
    return [kept, page, picture]


def orders(result: dict) -> int:
    return result["steps"][0]["orders"]


# --- tables --------------------------------------------------------------------------


def told(result: dict, *, is_markdown: bool = False) -> str:
    """One result: its steps, where their time went, the slowest models."""
    steps, on, settings = result["steps"], result["machine"], result["settings"]
    rows = steps[0]["raw_rows"]
    heading = f"{result['name']}: {orders(result):,} orders, {rows:,} rows of raw"
    about = (
        f"{result['measured_at']}, commit {on['commit'] or 'unknown'}; {on['cores']} "
        f"cores ({on['processor']}), {on['memory_gb']} GB of memory; "
        f"THREADS={settings['threads']} MEMORY_LIMIT={settings['memory_limit']}; "
        f"Python {on['python']}, DuckDB {on['duckdb']}, dbt {on['dbt']}, "
        f"Dagster {on['dagster']}, Great Expectations {on['great_expectations']}"
    )
    named = ["", *(step["step"] for step in steps)]
    figures = [
        ["seconds in all", *(f"{step['seconds']:.1f}" for step in steps)],
        ["peak memory, MB", *(f"{step['peak_megabytes']:,}" for step in steps)],
        ["rows landed", *(f"{step['new_rows']:,}" for step in steps)],
        ["floor, s", *(optional(step, "floor_seconds", ".1f") for step in steps)],
        ["floor, MB", *(optional(step, "floor_peak_megabytes", ",") for step in steps)],
        ["night / floor", *(optional(step, "ratio", ".2f") for step in steps)],
        ["models / floor", *(optional(step, "models_ratio", ".2f") for step in steps)],
    ]
    names = dict.fromkeys(name for step in steps for name in step["stages"])
    times = [
        [name, *(seconds_of(step["stages"].get(name)) for step in steps)]
        for name in sorted(names, key=place)
    ]
    slowest = [
        [
            step["step"] if not at else "",
            model,
            f"{seconds:.2f}",
            seconds_of(step.get("floor_of_slowest_models", {}).get(model), ".2f"),
        ]
        for step in steps
        for at, (model, seconds) in enumerate(step["slowest_models"].items())
    ]
    parts = [
        table([named, *figures], is_markdown),
        table([["stage, s", *named[1:]], *times], is_markdown),
        table([["slowest models", "", "s", "floor, s"], *slowest], is_markdown),
    ]
    if is_markdown:
        fold = "<details><summary>Slowest models</summary>"
        parts[2] = f"{fold}\n\n{parts[2]}\n\n</details>"
        heading = f"### {heading}"
    return "\n\n".join([heading, about, *parts])


# A night's stages from its first to its last.
STAGES = [
    "start",
    "landing",
    "dbt start",
    "dbt operations",
    "dbt seeds",
    "dbt models",
    "dbt tests",
    "dbt between",
    "dbt end and events",
    "dbt left out",
    "audit",
    "publish",
    "page",
]


def place(stage: str) -> tuple[int, str]:
    """Where a stage stands: what nobody foresaw comes last, the rest after it."""
    if stage in STAGES:
        return STAGES.index(stage), stage
    return len(STAGES) + (stage == "rest"), stage


def optional(step: dict, figure: str, form: str) -> str:
    return format(step[figure], form) if figure in step else "–"


def seconds_of(value: float | None, form: str = ".1f") -> str:
    return "–" if value is None else format(value, form)


def table(rows: list[list[str]], is_markdown: bool) -> str:
    head, *body = rows
    if is_markdown:
        line = ["---", *("---:" for _ in head[1:])]
        return "\n".join(f"| {' | '.join(row)} |" for row in [head, line, *body])
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(room) if at else cell.ljust(room)
            for at, (cell, room) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def growth(results: list[dict]) -> str:
    """How much more each size takes than the one before; at most 1 is linear."""
    rows = [["from", "to", "orders", FULL, "its floor", NEW, "peak memory"]]
    for small, large in pairwise(results):
        times = orders(large) / orders(small)
        figures = [(FULL, "seconds"), (FULL, "floor_seconds"), (NEW, "seconds")]
        figures.append((FULL, "peak_megabytes"))
        rows.append(
            [
                small["name"],
                large["name"],
                f"× {times:.1f}",
                *(
                    f"× {of(large, *figure) / of(small, *figure):.1f}"
                    for figure in figures
                ),
            ]
        )
    return table(rows, is_markdown=True) if len(rows) > 1 else ""


def of(result: dict, step: str, figure: str) -> float:
    (found,) = (found for found in result["steps"] if found["step"] == step)
    return found[figure]


# --- the picture ---------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP = 460, 400, 60, 40, 120, 30


def drawn(results: list[dict]) -> str:
    """Seconds and megabytes against orders, both axes logarithmic."""
    parts = [
        *panel(results, SECONDS, "seconds", 0),
        *panel(results, MEGABYTES, "peak memory, MB", WIDTH + GAP),
    ]
    size = f"{2 * WIDTH + GAP} {HEIGHT}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
        'font-family="sans-serif" font-size="12">\n'
        '<rect width="100%" height="100%" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def panel(
    results: list[dict], lines: list[tuple], title: str, offset: int
) -> Iterator[str]:
    """One plot: its grid, a line for each figure, and the linear one from the first."""
    points = {
        label: [(orders(result), of(result, step, figure)) for result in results]
        for step, figure, label, _ in lines
    }
    xs = [x for x, _ in points[lines[0][2]]]
    ys = [max(y, 0.1) for line in points.values() for _, y in line]
    low_x, high_x = decades(xs)
    low_y, high_y = decades(ys)

    def at_x(value: float) -> float:
        share = (math.log10(value) - low_x) / (high_x - low_x)
        return offset + LEFT + share * (WIDTH - LEFT - 15)

    def at_y(value: float) -> float:
        share = (math.log10(max(value, 0.1)) - low_y) / (high_y - low_y)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)

    def text(x: float, y: float, said: str, more: str = "") -> str:
        return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{html.escape(said)}</text>'

    def line(ends: list[tuple[float, float]], more: str) -> str:
        path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in ends)
        return f'<polyline points="{path}" fill="none" {more}/>'

    middle = offset + (LEFT + WIDTH) / 2
    yield text(offset + LEFT, TOP - 15, title, 'font-weight="bold"')
    yield text(middle, HEIGHT - BOTTOM + 34, "orders", 'text-anchor="middle"')
    for power in range(low_x, high_x + 1):
        x = 10**power
        yield line([(x, 10**low_y), (x, 10**high_y)], 'stroke="#ddd"')
        below = HEIGHT - BOTTOM + 16
        yield text(at_x(x), below, short(x), 'text-anchor="middle"')
    for power in range(low_y, high_y + 1):
        y = 10**power
        yield line([(10**low_x, y), (10**high_x, y)], 'stroke="#ddd"')
        left = offset + LEFT - 6
        yield text(left, at_y(y) + 4, short(y), 'text-anchor="end"')
    # Through the last point, where constant costs weigh least.
    x, y = points[lines[0][2]][-1]
    least = max(10**low_x, x * 10**low_y / y)
    most = min(10**high_x, x * 10**high_y / y)
    linear = [(least, y * least / x), (most, y * most / x)]
    yield line(linear, 'stroke="#444" stroke-dasharray="5 4"')
    for place_, (_, _, label, colour) in enumerate(lines):
        yield line(points[label], f'stroke="{colour}" stroke-width="2"')
        for x, y in points[label]:
            yield (
                f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" fill="{colour}">'
                f"<title>{html.escape(label)}: {x:,} orders, {y:,}</title></circle>"
            )
        across, down = place_ % 2, place_ // 2
        key_x, key_y = offset + LEFT + across * 190, HEIGHT - 62 + 18 * down
        yield (
            f'<rect x="{key_x}" y="{key_y - 9}" width="14" height="9" fill="{colour}"/>'
        )
        yield text(key_x + 20, key_y, label)
    key_x, key_y = offset + LEFT + 190, HEIGHT - 62 + 18 * 2
    yield (
        f'<line x1="{key_x}" y1="{key_y - 4}" x2="{key_x + 14}" y2="{key_y - 4}" '
        'stroke="#444" stroke-dasharray="5 4"/>'
    )
    yield text(key_x + 20, key_y, "linear in orders")


def decades(values: list[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def short(value: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g}"
