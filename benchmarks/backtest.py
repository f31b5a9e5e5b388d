"""How well an installation's own scores warned: its churn_backtest, in one table."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb

from benchmarks import known
from benchmarks.report import table
from orchestration.formats import literal
from orchestration.settings import Settings

MODELS = ["+churn_backtest", "resource_type:seed"]
NAIVE = "recency"  # what all are held against

# Of all customers, the mean of each metric over the month ends on which it can be said.
# The mean of the bounds is a careful interval of the mean: month ends share customers,
# and a mean of what hangs together errs no more than its parts do on average. Of one
# alone who left or stayed there is no variance: then anything may be.
MEANS = """
    select
        ranking_code,
        any_value(ranking_en) as title,
        bool_or(is_naive) as is_naive,
        metric_code,
        avg(metric_value) as mean,
        case metric_code
            when 'auc' then avg(coalesce(metric_lower, 0))
            when 'auc_gain' then avg(coalesce(metric_lower, -1))
        end as lower,
        case
            when metric_code in ('auc', 'auc_gain') then avg(coalesce(metric_upper, 1))
        end as upper,
        sum(customer_count) as customers,
        count(*) as cutoffs
    from marts.churn_backtest
    where segment_kind = 'all' and horizon_days = ?
    group by ranking_code, metric_code
"""
ABOUT = """
    select
        horizon_days,
        count(*) as cutoff_count,
        min(evaluation_date) as first_on,
        max(evaluation_date) as last_on,
        min(customer_count) as fewest,
        max(customer_count) as most,
        sum(lost_count) / sum(customer_count) as lost_share,
        string_agg(distinct model_version, ', ' order by model_version) as models
    from (
        select distinct
            horizon_days, evaluation_date, customer_count, lost_count, model_version
        from marts.churn_backtest
        where segment_kind = 'all' and ranking_code = 'served'
    )
    group by horizon_days
    order by horizon_days
"""
NOTHING = (
    "Nothing to look back at: on no month end whose horizon is over by the day of the "
    "data was anybody scored."
)
HEAD = [
    "ranked by",
    "AUC",
    "above the days since the last purchase",
    "served above it",
    "list: left",
    "lift",
    "leavers caught",
    "lost value caught",
    "top: left",
    "lift",
    "leavers caught",
    "lost value caught",
    "Brier",
    "n",
    "month ends",
]
LISTS = [
    *("precision", "lift", "recall", "value_caught"),
    *("top_precision", "top_lift", "top_recall", "top_value_caught"),
]
READING = """\
- **n** adds up the customers of all month ends; each figure is a mean of the month ends
  on which it can be said. *Served* is the score that serves; a model knew nothing after
  its day. Brackets hold 95 % (DeLong), as means of the bounds: wider than needed.
- *List* is what a worklist of today's length would have held, *top* the share in
  `backtest_policies.csv`, a tenth as shipped: how many of it left, how many times the
  share of all that is, and which part of those who left, and of what they usually
  brought, was in it.
- By tier, by type of customer and by month end it is all in `marts.churn_backtest`."""


@dataclass(frozen=True)
class Mean:
    """A metric of a ranking over its month ends; auc and auc_gain alone have bounds."""

    mean: float
    lower: float | None
    upper: float | None
    customers: int
    cutoffs: int


@dataclass(frozen=True)
class Ranking:
    """One way to rank customers, with what could be said of it."""

    title: str
    is_naive: bool
    metrics: dict[str, Mean] = field(default_factory=dict)

    def mean(self, metric: str) -> float | None:
        return self.metrics[metric].mean if metric in self.metrics else None

    def between(self, metric: str, form: str) -> str:
        found = self.metrics.get(metric)
        if found is None:
            return figure(None, form)
        return f"{found.mean:{form}} [{found.lower:{form}}, {found.upper:{form}}]"

    def row(self, naive: float | None) -> list[str]:
        """Its line of the table, beside the AUC of the naive rule."""
        auc = self.mean("auc")
        return [
            self.title,
            self.between("auc", ".3f"),
            figure(None if None in (auc, naive) else auc - naive, "+.3f"),
            self.between("auc_gain", "+.3f"),
            *(figure(self.mean(metric), ".2f") for metric in LISTS),
            figure(self.mean("brier_score"), ".4f"),
            f"{max(one.customers for one in self.metrics.values()):,}",
            str(max(one.cutoffs for one in self.metrics.values())),
        ]


def figure(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def rankings(connection: duckdb.DuckDBPyConnection, horizon: int) -> dict[str, Ranking]:
    found: dict[str, Ranking] = {}
    for code, title, is_naive, metric, *mean in connection.execute(
        MEANS, [horizon]
    ).fetchall():
        ranking = found.setdefault(code, Ranking(title, is_naive))
        ranking.metrics[metric] = Mean(*mean)
    return found


def compared(found: dict[str, Ranking]) -> str:
    """The score that serves, other scores, then the naive rules; the best first."""
    naive = found[NAIVE].mean("auc") if NAIVE in found else None
    ordered = sorted(
        found,
        key=lambda code: (
            code != "served",
            found[code].is_naive,
            -(found[code].mean("auc") or 0),
            code,
        ),
    )
    rows = [found[code].row(naive) for code in ordered]
    return table([HEAD, *rows], is_markdown=True)


def told(connection: duckdb.DuckDBPyConnection) -> str:
    """A table for each horizon; `marts.churn_backtest` is in the connection's path."""
    parts = []
    for horizon, *about in connection.execute(ABOUT).fetchall():
        cutoffs, first, last, fewest, most, lost, models = about
        parts += [
            f"Month ends from {first} to {last} ({cutoffs}), {fewest:,} to {most:,} "
            f"customers each; {100 * lost:.0f} % of all bought nothing in the "
            f"{horizon} days after. Models that served: {models}.",
            compared(rankings(connection, horizon)),
        ]
    return "\n\n".join([*parts, READING]) if parts else NOTHING


def look(settings: Settings) -> str:
    """Build the folder's warehouse up to the backtest, and tell it."""
    known.build(settings, MODELS, datetime.now(UTC).replace(tzinfo=None))
    with duckdb.connect() as connection:
        connection.execute(
            f"attach {literal(str(settings.marts))} as built (read_only); use built"
        )
        return told(connection)
