"""Every chart of the page: Bokeh figures that read the same on light and on dark."""

from collections.abc import Callable
from datetime import date
from functools import partial

from bokeh.core.properties import value
from bokeh.embed import components
from bokeh.models import (
    ColumnDataSource,
    FactorRange,
    HoverTool,
    Line,
    NumeralTickFormatter,
    Plot,
    Range1d,
    Scatter,
)
from bokeh.plotting import figure
from bokeh.resources import Resources

from page import named, shown

# Read by eye on white and on near-black alike.
TEXT = "#7b7f86"
LINE = "#7b7f8655"
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif"
BLUE = "#3f83c8"
RED = "#cf5445"
# From the lowest tier to the highest; a policy may have more levels than four.
TIERS = ("#8d99a8", "#5fa8c9", "#dfa32b", "#7b61d1", "#c4568f", "#3d9970")
GAP = float("nan")
STATUS = {"on_target": "#2e9e63", "near": "#cf8f1d", "off_target": RED}


def library() -> str:
    """Bokeh's own script, of the wheel: no widgets, tables or formulas."""
    inline = Resources(mode="inline", components=["bokeh"])
    return "<script>" + "\n".join(inline.js_raw) + "</script>"


def embedded(charts: dict[str, Plot]) -> tuple[str, dict[str, str]]:
    """(the scripts that draw, {name: its place}); none without a chart."""
    if not charts:
        return "", {}
    script, places = components(charts)
    return library() + script, places


def drawn(told: dict) -> dict[str, Plot]:
    """Every chart that the page's content has figures for, by its name."""
    charts = {}
    name_of = partial(named, told["labels"])
    for kpi in told["kpis"]:
        values = [row["value"] for row in kpi["months"]]
        if sum(value is not None for value in values) > 1:
            charts[f"kpi_{kpi['kpi_code']}"] = sparkline(
                [row["month"] for row in kpi["months"]],
                values,
                [row["target"] for row in kpi["months"]],
                partial(shown, unit=kpi["unit"]),
                kpi["status"],
            )
    months = told["tiers"]["months"]
    if months:
        charts["tiers"] = stacked(
            [row["month"] for row in months],
            {
                name_of("tier", code): [row["counts"].get(code, 0) for row in months]
                for code in told["tiers"]["levels"]
            },
            [row["is_provisional"] for row in months],
        )
    if told["trust"]["tenths"]:
        charts["calibration"] = calibrated(told["trust"]["tenths"])
    losses = told["losses"]
    for name, kind, found, measure, unit, colour in (
        ("stages", "lifecycle_stage", told["stages"], "customer_count", "", BLUE),
        ("loss_counts", "loss_reason", losses["reasons"], "customer_count", "", RED),
        ("loss_amounts", "loss_reason", losses["reasons"], "lost_amount", "money", RED),
        ("loss_kinds", "loss_kind", losses["kinds"], "customer_count", "", RED),
    ):
        known = [row for row in found if row[measure] is not None]
        if known:
            charts[name] = bars(
                [name_of(kind, row["code"]) for row in known],
                [float(row[measure]) for row in known],
                [shown(row[measure], unit) for row in known],
                colour,
            )
    return charts


def stacked(
    months: list[date], series: dict[str, list[int]], previews: list[bool]
) -> Plot:
    """Columns by month, one layer a label from the bottom up; a preview is paler."""
    labels = list(series)
    factors = [(f"{month:%Y}", f"{month:%m}") for month in months]
    source = ColumnDataSource(
        {
            "factor": factors,
            "month": [f"{month:%Y-%m}" for month in months],
            "alpha": [0.45 if preview else 1.0 for preview in previews],
            "total": [sum(counts) for counts in zip(*series.values(), strict=True)],
            **series,
        }
    )
    chart = framed(x_range=FactorRange(*factors, group_padding=0.4), height=280)
    layers = chart.vbar_stack(
        labels,
        x="factor",
        width=0.8,
        color=[TIERS[at % len(TIERS)] for at in range(len(labels))],
        fill_alpha="alpha",
        line_width=0,
        source=source,
    )
    said = [(label, f"@{{{label}}}{{0,0}}") for label in reversed(labels)]
    hover(chart, [("", "@month"), *said, ("Σ", "@total{0,0}")], layers)
    chart.y_range.start = 0
    chart.yaxis.formatter = NumeralTickFormatter(format="0,0")
    chart.xaxis.major_label_text_font_size = "11px"
    # On a phone two digits are wider than a column.
    chart.xaxis.major_label_orientation = "vertical"
    chart.xaxis.group_text_color = TEXT
    chart.xaxis.group_text_font = FONT
    chart.xaxis.separator_line_color = LINE
    return chart


def calibrated(tenths: list[dict]) -> Plot:
    """What was foretold from left to right, what came from the bottom up, as shares.

    Dots on the line are right; a dot has the 95 % interval of what came.
    """
    names = ("tenth", "foretold_share", "lost_share", "customer_count")
    bounds = ("lost_share_lower", "lost_share_upper")
    source = ColumnDataSource(
        {name: [row[name] for row in tenths] for name in (*names, *bounds)}
    )
    chart = framed(height=280, x_range=Range1d(0, 1), y_range=Range1d(0, 1))
    chart.line([0, 1], [0, 1], line_color=TEXT, line_dash=[4, 3])
    chart.segment(
        x0="foretold_share",
        x1="foretold_share",
        y0=bounds[0],
        y1=bounds[1],
        line_color=BLUE,
        line_width=1.5,
        source=source,
    )
    dots = chart.scatter(
        "foretold_share", "lost_share", size=8, color=BLUE, source=source
    )
    said = [("", "@tenth / 10"), ("→", "@foretold_share{0%}")]
    hover(
        chart, [*said, ("↑", "@lost_share{0%}"), ("n", "@customer_count{0,0}")], [dots]
    )
    chart.axis.formatter = NumeralTickFormatter(format="0%")
    return chart


def bars(labels: list[str], values: list[float], texts: list[str], colour: str) -> Plot:
    """Bars from the left, the first label on top, each with its figure at its end."""
    source = ColumnDataSource({"label": labels, "value": values, "text": texts})
    chart = framed(y_range=FactorRange(*reversed(labels)), height=26 * len(labels) + 24)
    layer = chart.hbar(
        y="label", right="value", height=0.66, color=colour, source=source
    )
    chart.text(
        x="value",
        y="label",
        text="text",
        x_offset=6,
        text_baseline="middle",
        text_color=TEXT,
        text_font=value(FONT),
        text_font_size="13px",
        source=source,
    )
    hover(chart, [("", "@label"), ("", "@text")], [layer])
    # Room for the figure beyond the longest bar.
    chart.x_range = Range1d(0, max([*values, 0]) * 1.35 or 1)
    chart.xaxis.visible = False
    chart.grid.visible = False
    return chart


def sparkline(
    months: list[date],
    values: list[float | None],
    targets: list[float | None],
    say: Callable[[float | None], str],
    status: str,
) -> Plot:
    """A KPI's last months as a line with gaps; the target in force is dashed."""
    colour = STATUS.get(status, BLUE)
    levels = [level for level in (*values, *targets) if level is not None]
    low, high = min(levels), max(levels)
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1
    source = ColumnDataSource(
        {
            "at": list(range(len(months))),
            "value": [GAP if level is None else level for level in values],
            "target": [GAP if level is None else level for level in targets],
            "month": [f"{month:%Y-%m}" for month in months],
            "text": [say(level) for level in values],
        }
    )
    # A bare plot: a figure with axes that nobody sees takes five times as long.
    chart = Plot(
        width=150,
        height=44,
        x_range=Range1d(-0.5, len(months) - 0.5),
        y_range=Range1d(low - room, high + room),
        toolbar_location=None,
        min_border=0,
        outline_line_color=None,
        background_fill_color=None,
        border_fill_color=None,
    )
    aim = Line(x="at", y="target", line_color=TEXT, line_dash=[4, 3])
    chart.add_glyph(source, aim)
    chart.add_glyph(source, Line(x="at", y="value", line_color=colour, line_width=2))
    dots = chart.add_glyph(
        source, Scatter(x="at", y="value", size=3, fill_color=colour, line_color=colour)
    )
    hover(chart, [("", "@month"), ("", "@text")], [dots], mode="vline")
    return chart


def framed(**arguments) -> Plot:
    """A figure as wide as its place, transparent, with axes in grey."""
    chart = figure(
        sizing_mode="stretch_width",
        min_width=260,
        toolbar_location=None,
        tools="",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        min_border=4,
        **arguments,
    )
    chart.axis.axis_line_color = LINE
    chart.axis.major_tick_line_color = None
    chart.axis.minor_tick_line_color = None
    chart.axis.major_label_text_color = TEXT
    chart.axis.major_label_text_font = FONT
    chart.axis.major_label_text_font_size = "13px"
    chart.xgrid.visible = False
    chart.ygrid.grid_line_color = LINE
    return chart


def hover(chart: Plot, said: list, renderers: list, mode: str = "mouse") -> None:
    chart.add_tools(HoverTool(tooltips=said, renderers=renderers, mode=mode))
