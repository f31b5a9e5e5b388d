"""python -m benchmarks.stability: how steady tiers are, and what they catch."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks import known
from benchmarks.report import table
from orchestration import landing
from orchestration.formats import literal
from orchestration.settings import PROJECT, Settings, SettingsError, from_environment

PAGE = PROJECT / "docs" / "tiers.md"
ONLINE_RETAIL = (
    PROJECT.parent / "shared" / "data" / "online_retail" / "online_retail.parquet"
)
CUSTOMERS = 3_000
SEED = 1
FIRST_DAY, LAST_DAY = "2023-07-15", "2026-07-14"  # three years
MODELS = ["+int_tiers__decided", "+int_revenue__movements", "resource_type:seed"]
MONTHS = 12  # month ends that are measured, the newest ones
DAYS = 90  # days after a month end whose revenue is looked up

# Each customer at each month end, by the tier and by what the score alone would give;
# the last column is what the customer brought in the days after, if those are over.
STANDING = f"""
create or replace temp table standing as
with levels as (
    from warehouse.reference.tier_levels
),
tops as (
    select policy_code, policy_version, max(tier_rank) as top_rank
    from levels
    group by all
),
rated as (
    select
        decided.scenario,
        decided.policy_customer_type as customer_type,
        decided.customer_key,
        decided.evaluation_date,
        decided.evaluation_number,
        rule,
        case rule when 'policy' then decided.tier_rank else raw.tier_rank end as rank,
        tops.top_rank
    from warehouse.intermediate.int_tiers__decided as decided
    cross join (values ('policy'), ('no protection')) as rules (rule)
    inner join tops using (policy_code, policy_version)
    inner join levels as raw
        on decided.policy_code = raw.policy_code
        and decided.policy_version = raw.policy_version
        and decided.raw_tier_code = raw.tier_code
    where not decided.is_provisional
),
moved as (
    select *, lag(rank) over (
        partition by scenario, rule, customer_key order by evaluation_number
    ) as earlier_rank
    from rated
    qualify dense_rank() over (order by evaluation_number desc) <= {MONTHS}
),
last_day as (
    select max(as_of_date) as last_day from warehouse.intermediate.run_parameters
),
brought as (
    select
        moved.customer_key,
        moved.evaluation_date,
        sum(movements.amount) as amount
    from (select distinct customer_key, evaluation_date from moved) as moved
    inner join warehouse.intermediate.int_revenue__movements as movements
        on moved.customer_key = movements.customer_key
        and movements.moved_on > moved.evaluation_date
        and movements.moved_on <= moved.evaluation_date + {DAYS}
    group by all
)
select
    moved.*,
    case
        when moved.evaluation_date + {DAYS} <= last_day.last_day
            then coalesce(brought.amount, 0)::double
    end as brought_amount
from moved
cross join last_day
left join brought using (customer_key, evaluation_date)
"""

MEASURED = """
with kinds as (
    select *, customer_type as kind from standing
    union all by name
    select *, 'all' as kind from standing
),
holders as (
    select
        scenario, rule, kind, customer_key,
        bool_or(rank > earlier_rank) and bool_or(rank < earlier_rank) as is_up_and_down
    from kinds
    where earlier_rank is not null
    group by all
),
flapping as (
    select
        scenario, rule, kind,
        count(*) as holder_count,
        count(*) filter (is_up_and_down)::double / nullif(count(*), 0) as up_and_down
    from holders
    group by all
),
measured as (
    select
        scenario, rule, kind,
        holder_count,
        count(*) filter (rank <> earlier_rank)::double
        / nullif(count(earlier_rank), 0) as changing,
        count(*) filter (rank < earlier_rank)::double
        / nullif(count(earlier_rank), 0) as falling,
        up_and_down,
        count(*) filter (rank = top_rank)::double / count(*) as top_share,
        sum(brought_amount) filter (rank = top_rank)
        / nullif(sum(brought_amount), 0) as top_revenue
    from kinds
    inner join flapping using (scenario, rule, kind)
    group by all
)
from measured
order by scenario <> 'live', scenario, kind <> 'all', kind, rule desc
"""


@dataclass(frozen=True)
class Steadiness:
    """What one policy did to the customers of one kind; shares from 0 to 1.

    `changing` and `falling` are per month, of those with a tier a month before;
    `up_and_down` is of the `holders`, whoever had a tier at two month ends of the year.
    `top_revenue` is the top tier's part of the revenue of the 90 days after month ends,
    None where none of them is over.
    """

    scenario: str
    rule: str
    kind: str
    holders: int
    changing: float
    falling: float
    up_and_down: float
    top_share: float
    top_revenue: float | None


def measure(connection: duckdb.DuckDBPyConnection) -> list[Steadiness]:
    """Of the last twelve month ends, live policies first.

    The build file is attached to the connection as `warehouse`.
    """
    connection.execute(STANDING)
    return [Steadiness(*row) for row in connection.execute(MEASURED).fetchall()]


def measured(settings: Settings) -> list[Steadiness]:
    """The same of what an installation has built."""
    with duckdb.connect() as connection:
        connection.execute(
            f"attach {literal(str(settings.warehouse))} as warehouse (read_only)"
        )
        return measure(connection)


# --- data ----------------------------------------------------------------------------


def company(folder: Path) -> Settings:
    """Three years of a generated company, delivered at once."""
    known.run(
        [
            *(sys.executable, "-m", "seeds.generator", "--out", str(folder)),
            *("--customers", str(CUSTOMERS), "--seed", str(SEED)),
            *("--from", FIRST_DAY, "--to", LAST_DAY),
        ],
        {},
    )
    return installed(folder, {"AS_OF_DATE": LAST_DAY})


def online_retail(folder: Path) -> Settings:
    """Raises known.Unavailable where the data is not beside this checkout."""
    if not ONLINE_RETAIL.exists():
        raise known.Unavailable("`../shared/data/online_retail` is not there")
    sales = folder / "landing" / "online_retail" / "sales"
    sales.mkdir(parents=True)
    (sales / ONLINE_RETAIL.name).symlink_to(ONLINE_RETAIL)
    return installed(
        folder, {"BASE_CURRENCY": "GBP", "BUSINESS_TIMEZONE": "Europe/London"}
    )


def installed(folder: Path, environment: Mapping[str, str]) -> Settings:
    places = {"LANDING_DIR": folder / "landing", "DATA_DIR": folder / "data"}
    return from_environment(
        {**environment, **{name: str(path) for name, path in places.items()}}
    )


DATA: dict[str, Callable[[Path], Settings]] = {
    f"Generated company, {CUSTOMERS:,} customers, three years": company,
    "UCI Online Retail, 4,372 customers, one year": online_retail,
}


# --- telling -------------------------------------------------------------------------


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}".replace("%", " %")


def rows(found: list[Steadiness]) -> str:
    head = [
        "scenario",
        "customers",
        "rule",
        "n",
        "change tier a month",
        "fall a month",
        "up and down within a year",
        "in the top tier",
        f"its part of the next {DAYS} days' revenue",
    ]
    body = [
        [
            one.scenario,
            one.kind,
            one.rule,
            f"{one.holders:,}",
            percent(one.changing),
            percent(one.falling),
            percent(one.up_and_down),
            percent(one.top_share),
            percent(one.top_revenue),
        ]
        for one in found
    ]
    return table([head, *body], is_markdown=True)


TEMPLATE = """\
# How steady tiers are, and what the top one catches

Generated by `make stability` (`python -m benchmarks.stability`); edit
`benchmarks/stability.py`, not this page. The figures hold on every machine. With
`LANDING_DIR` set the page is about the data there, and goes to `$DATA_DIR/tiers.md`.

{sections}

## How to read it

- Measured are the last twelve month ends. **n** is whoever had a tier at two of them.
- *Change* and *fall* are shares a month of those who had a tier at the month end
  before; *up and down* is the share of n that went both ways within the twelve.
- *No protection* is the same policy and the same score where each month end gives the
  tier of the score alone: no lower bar to stay, no hold. What is kept steady must not
  cost sight: the top tier's part of the revenue after it should be no smaller.
- A shop in its first year has no full window of 365 days yet, so many rise.
- `live` is what is in use; any other scenario is a candidate
  ([how to try one](tiers-policy.md)).
"""


def told(sections: dict[str, str]) -> str:
    return TEMPLATE.format(
        sections="\n\n".join(
            f"## {title}\n\n{text}" for title, text in sections.items()
        )
    )


def look(make: Callable[[], Settings]) -> str:
    try:
        settings = make()
        known.build(settings, MODELS, datetime.now(UTC).replace(tzinfo=None))
    except known.Unavailable as error:
        return f"Not measured: {error}."
    return rows(measured(settings))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stability")
    parser.add_argument("--page", type=Path, help="default docs/tiers.md")
    arguments = parser.parse_args()
    try:
        if os.environ.get("LANDING_DIR"):
            settings = from_environment(os.environ)
            page = arguments.page or settings.data_dir / PAGE.name
            sections = {f"{settings.landing_dir.name}": look(lambda: settings)}
        else:
            page, sections = arguments.page or PAGE, {}
            for title, make in DATA.items():
                with tempfile.TemporaryDirectory() as folder:
                    sections[title] = look(lambda: make(Path(folder)))  # noqa: B023
                print(f"{title}\n{sections[title]}\n", flush=True)
    except (RuntimeError, SettingsError, landing.NightStopped) as error:
        sys.exit(str(error))
    page.write_text(told(sections), "utf-8")
    print(page)


if __name__ == "__main__":
    main()
