"""The nightly page: one self-contained file, made from the published marts alone."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import jinja2
from markupsafe import Markup

TEMPLATE = Path(__file__).with_name("index.html.jinja")

# How much the page shows; beside each list that is cut stands how much is left out.
MONTHS_OF_TIERS = 24
MONTHS_OF_KPIS = 14  # a year, and the running month
OWNERS = 8
LINES_PER_OWNER = 3
LATE_OWNERS = 10
MONTHS_OF_SERVICE = 3
EXPLORED = 60
QUARANTINED = 20
CHECKS = 20
# From how many days between the day told of and the night on the page warns.
STALE_DAYS = 3

# What no list of labels says.
STATUSES = {
    "on_target": ("on target", "达标"),
    "near": ("near", "接近"),
    "off_target": ("off target", "未达标"),
    "no_target": ("no target", "无目标"),
    "no_data": ("no data", "无数据"),
}
TRENDS = {
    "better": ("better", "改善"),
    "worse": ("worse", "变差"),
    "flat": ("flat", "持平"),
}
TIER_REASONS = {
    "promoted": ("promoted", "晋级"),
    "demoted": ("demoted", "降级"),
    "held": ("held", "保级观察"),
}
REASONS = {"no data": "无数据", "nothing to divide by": "无可除基数"}
NOT_KNOWN = {
    "loss_reason": ("Not stated", "未说明"),
    "tier": ("No tier", "未定级"),
    "action": ("–", "–"),
}
LEVELS = ["red", "orange", "yellow"]  # the gravest first

Query = Callable[..., list[dict]]


def write(database: Path, target: Path) -> None:
    """Write the page of a published DuckDB file, and the worklist's files beside it."""
    from page import charts, worklist  # here, since Bokeh takes a while to import

    with duckdb.connect(str(database), read_only=True) as published:

        def rows(query: str, *values: object) -> list[dict]:
            found = published.execute(query, values)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        told = content(rows)
        found = [
            (
                listing,
                rows(f"select * from marts.{listing.mart} order by {listing.order_by}"),
            )
            for listing in worklist.LISTINGS
        ]
    for listing, lines in found:
        worklist.write_csv(listing, lines, target.with_name(listing.file))
    worklist.write_xlsx(
        found,
        partial(named, told["labels"]),
        told["run"]["as_of_date"],
        target.with_name(worklist.WORKBOOK),
    )
    scripts, places = charts.embedded(charts.drawn(told))
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown
    environment.globals |= {
        "both": both,
        "label": partial(label, told["labels"]),
        "arrow": arrow,
        "statuses": STATUSES,
        "trends": TRENDS,
        "reasons": REASONS,
        "tier_reasons": TIER_REASONS,
        "stale_days": STALE_DAYS,
        "tier_colours": charts.TIERS,
        "charts": {name: Markup(place) for name, place in places.items()},
        "chart_scripts": Markup(scripts),
    }
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    target.write_text(template.render(told), "utf-8")


def content(rows: Query) -> dict:
    """What the template shows; only marts and quality are read, and sums, not lists."""
    run = rows("select * from quality.runs order by finished_at desc limit 1")[0]
    told = {
        "run": run,
        "days_behind": days_behind(run),
        "labels": {
            (row["list_code"], row["code"]): (row["label_en"], row["label_zh"])
            for row in rows("select * from marts.labels")
        },
        "kpis": kpis(rows),
        "tiers": tiers(rows),
        "explorer": explorer(rows),
        "simulation": simulation(rows),
        "balance": rows(
            "select *, (select max(tier_rank) from marts.customer_tiers as tiers "
            "where tiers.tier_code = balance.tier_code) as tier_rank "
            "from marts.tier_resource_balance as balance "
            "where customer_type = 'all' and month = (select max(month) "
            "from marts.tier_resource_balance where not is_provisional) "
            "order by tier_rank desc nulls last, tier_code"
        ),
        "flagged": flagged(rows),
        "stages": rows(
            "select lifecycle_stage as code, count(*) as customer_count "
            "from marts.customers where lifecycle_stage is not null group by code "
            "order by customer_count desc, code"
        ),
        "held": rows(
            "select tier_code as code, count(*) as customer_count from marts.customers "
            "where tier_code is not null and lifecycle_stage is distinct from 'lost' "
            "group by code"
        ),
        "warnings": warnings(rows),
        "trust": trust(rows),
        "losses": losses(rows),
        "service": service(rows),
        "quality": quality(rows, run["run_id"]),
    }
    return told | {"cards": cards(told)} | figures(told)


def days_behind(run: dict) -> int:
    """Days from the day that the page tells of to the night that made it."""
    zone = ZoneInfo(run["business_timezone"])
    night = run["finished_at"].replace(tzinfo=UTC).astimezone(zone).date()
    return (night - run["as_of_date"]).days


def kpis(rows: Query) -> list[dict]:
    """Each KPI of the scorecard with its months up to the one that it is told of."""
    scorecard = rows(
        "select scorecard.*, definitions.description_en, definitions.description_zh "
        "from marts.kpi_scorecard as scorecard "
        "inner join marts.kpi_definitions as definitions using (kpi_code) "
        "order by scorecard.department, scorecard.kpi_code"
    )
    months = rows(
        "select kpi_code, month, value, target, missing_reason from marts.kpi_values "
        "where dimension = 'all' "
        "qualify dense_rank() over (order by month desc) <= ? "
        "order by kpi_code, month",
        MONTHS_OF_KPIS,
    )
    history = {
        code: list(found)
        for code, found in groupby(months, lambda row: row["kpi_code"])
    }
    for row in scorecard:
        # Half a month beside whole ones would look like a fall.
        row["months"] = [
            month
            for month in history.get(row["kpi_code"], [])
            if row["month"] is None or month["month"] <= row["month"]
        ]
        row["missing_reason"] = (
            row["months"][-1]["missing_reason"] if row["months"] else None
        )
    return scorecard


def tiers(rows: Query) -> dict:
    """Customers by tier and month, and who moved at the last month's end."""
    levels = rows(
        "select tier_code from marts.customer_tiers "
        "group by tier_code order by max(tier_rank), tier_code"
    )
    counts = rows(
        "select month, is_provisional, tier_code, count(*) as customer_count "
        "from marts.customers_by_month "
        "where tier_code is not null and lifecycle_stage <> 'lost' "
        "group by month, is_provisional, tier_code "
        "qualify dense_rank() over (order by month desc) <= ? order by month",
        MONTHS_OF_TIERS,
    )
    moves = rows(
        "select month, from_tier_code, from_tier_rank, to_tier_code, to_tier_rank, "
        "sum(customer_count)::bigint as customer_count from marts.tier_migration "
        "where month = (select max(month) from marts.tier_migration) group by all "
        "order by from_tier_rank desc, to_tier_rank desc"
    )
    moved = [row for row in moves if row["from_tier_code"] != row["to_tier_code"]]

    def customers(kind: Callable[[dict], bool]) -> int:
        return sum(row["customer_count"] for row in moved if kind(row))

    return {
        "levels": [row["tier_code"] for row in levels],
        "months": [
            {
                "month": month,
                "is_provisional": is_provisional,
                "counts": {row["tier_code"]: row["customer_count"] for row in found},
            }
            for (month, is_provisional), found in groupby(
                counts, lambda row: (row["month"], row["is_provisional"])
            )
        ],
        "moves": moved,
        "moved_in": moves[0]["month"] if moves else None,
        "new_count": customers(lambda row: row["from_tier_rank"] == 0),
        "up_count": customers(
            lambda row: 0 < row["from_tier_rank"] < row["to_tier_rank"]
        ),
        "down_count": customers(
            lambda row: row["from_tier_rank"] > row["to_tier_rank"]
        ),
    }


def explorer(rows: Query) -> dict:
    """Customers whom the newest evaluation moved or only holds, point by point."""
    newest = "(select max(evaluation_date) from marts.customer_tiers)"
    told = (
        "from marts.customer_tiers as tiers "
        "inner join marts.customers as customers using (customer_key) "
        f"where tiers.evaluation_date = {newest} "
        "and tiers.reason_code in ('promoted', 'demoted', 'held')"
    )
    customers = rows(
        "select tiers.*, customers.crm_customer_id, customers.customer_name_masked "
        f"{told} order by tiers.tier_rank desc, tiers.score desc, tiers.customer_key "
        "limit ?",
        EXPLORED,
    )
    points = rows(
        f"select * from marts.tier_criteria_points where evaluation_date = {newest} "
        "and list_contains(?, customer_key) order by weight desc, criterion_code",
        [row["customer_key"] for row in customers],
    )
    for customer in customers:
        customer["criteria"] = [
            row for row in points if row["customer_key"] == customer["customer_key"]
        ]
    return {
        "customers": customers,
        "customer_count": rows(f"select count(*) as customer_count {told}")[0][
            "customer_count"
        ],
    }


def flagged(rows: Query) -> dict[str, list[dict]]:
    """Groups that fare worse at equal value, by scenario, at the last month end."""
    found = rows(
        "select * from marts.tier_fairness where is_flagged and evaluation_date "
        "= (select max(evaluation_date) from marts.tier_fairness) "
        "order by scenario, attribute_code, group_code, outcome_code, tier_code"
    )
    return {
        scenario: list(members)
        for scenario, members in groupby(found, lambda row: row["scenario"])
    }


def simulation(rows: Query) -> dict:
    """The policies in use beside each candidate, at the last whole month."""
    found = rows(
        "select scenario, customer_type, tier_code, tier_rank, customer_count, "
        "customer_share, value_share, up_and_down_count, entitlement_amount, "
        "evaluation_date from marts.tier_policy_simulation "
        "where evaluation_date = (select max(evaluation_date) "
        "from marts.tier_policy_simulation where not is_provisional) "
        "order by customer_type, tier_rank desc, scenario"
    )
    goals = rows(
        "select distinct simulated.customer_type, simulated.goal_label_en, "
        "simulated.goal_label_zh, simulated.goal_target, simulated.goal_value, "
        "simulated.is_goal_reached, kpi.unit "
        "from marts.tier_policy_simulation as simulated "
        "inner join marts.kpi_scorecard as kpi "
        "on simulated.goal_kpi_code = kpi.kpi_code "
        "where simulated.evaluation_date = (select max(evaluation_date) "
        "from marts.tier_policy_simulation where not is_provisional) "
        "order by all"
    )
    scenarios = sorted(
        {row["scenario"] for row in found}, key=lambda name: (name != "live", name)
    )
    return {
        "scenarios": scenarios,
        "month": found[0]["evaluation_date"] if found else None,
        "goals": goals,
        "tiers": [
            {
                "customer_type": customer_type,
                "tier_code": tier_code,
                "by_scenario": {row["scenario"]: row for row in members},
            }
            for (customer_type, tier_code), members in groupby(
                found, lambda row: (row["customer_type"], row["tier_code"])
            )
        ],
        "moves": {
            row["scenario"]: row
            for row in rows(
                "select scenario, count(*) filter (direction = 'higher') as up_count, "
                "count(*) filter (direction = 'lower') as down_count, "
                "count(*) as customer_count from marts.tier_policy_comparison "
                "group by scenario"
            )
        },
    }


def warnings(rows: Query) -> dict:
    """Open warnings by level, and the first lines of the worklist of each owner."""
    levels = rows(
        "select level, count(*) as warning_count, "
        "count(*) filter (is_overdue) as overdue_count, "
        "sum(expected_loss_amount) as expected_loss_amount "
        "from marts.churn_warnings where is_open group by level "
        "order by list_position(?, level) nulls last, level",
        LEVELS,
    )
    owners = rows(
        "select owner_staff_id, count(*) as line_count, "
        "count(*) filter (is_overdue) as overdue_count "
        "from marts.churn_worklist group by owner_staff_id "
        "order by sum(expected_loss_amount) desc nulls last, owner_staff_id nulls last"
    )
    lines = rows(
        "select * from marts.churn_worklist where rank_of_owner <= ? "
        "order by rank_of_owner",
        LINES_PER_OWNER,
    )
    for owner in owners[:OWNERS]:
        owner["lines"] = [
            row for row in lines if row["owner_staff_id"] == owner["owner_staff_id"]
        ]
    return {"levels": levels, "owners": owners[:OWNERS], "owner_count": len(owners)}


def trust(rows: Query) -> dict:
    """How right the scores of the newest closed month end were, by way of ranking."""
    newest = (
        "(select evaluation_date, horizon_days from marts.churn_backtest "
        "where segment_kind = 'all' group by all "
        "order by evaluation_date desc, max(customer_count) desc, horizon_days limit 1)"
    )
    metrics = rows(
        f"select * from marts.churn_backtest semi join {newest} as newest "
        "using (evaluation_date, horizon_days) where segment_kind = 'all' "
        "order by is_naive, ranking_code"
    )
    rankings: dict[str, dict] = {}
    for row in metrics:
        ranking = rankings.setdefault(row["ranking_code"], dict(row))
        ranking[row["metric_code"]] = row["metric_value"]
        if row["metric_code"] == "auc":
            ranking |= {"lower": row["metric_lower"], "upper": row["metric_upper"]}
    return {
        "rankings": sorted(
            rankings.values(),
            key=lambda row: (row["is_naive"], -row.get("auc", 0), row["ranking_code"]),
        ),
        "by_code": rankings,
        "gains": rows(
            "select ranking_code, count(*) as month_count, "
            "count(*) filter (metric_lower > 0) as better_count, "
            "count(*) filter (metric_upper < 0) as worse_count "
            f"from marts.churn_backtest semi join {newest} as newest "
            "using (horizon_days) where segment_kind = 'all' "
            "and metric_code = 'auc_gain' and ranking_code = 'recency' group by all"
        ),
        "tenths": rows(
            f"select * from marts.churn_calibration semi join {newest} as newest "
            "using (evaluation_date, horizon_days) where ranking_code = 'served' "
            "order by tenth"
        ),
    }


def losses(rows: Query) -> dict:
    """Losses of the last twelve months by stated reason and by kind."""
    recent = (
        "from marts.lost_customers where lost_on > "
        "(select max(as_of_date) from quality.runs) - interval 1 year"
    )
    return {
        **rows(
            "select count(*) as customer_count, "
            f"sum(value_lost_amount) as lost_amount {recent}"
        )[0],
        "reasons": rows(
            "select stated_reason_code as code, count(*) as customer_count, "
            f"sum(value_lost_amount) as lost_amount {recent} group by code "
            "order by code is null, customer_count desc, code"
        ),
        "kinds": rows(
            "select loss_kind as code, count(*) as customer_count, "
            f"sum(value_lost_amount) as lost_amount {recent} "
            "group by code order by customer_count desc, code"
        ),
    }


def service(rows: Query) -> dict:
    """Follow-ups overdue by owner, service levels by tier, feedback by its source."""
    owners = rows(
        "select owner_staff_id, count(*) as customer_count, "
        "count(*) filter (is_overdue) as overdue_count, "
        "count(*) filter (is_visit_overdue) as overdue_visit_count, "
        "max(greatest(overdue_days, visit_overdue_days)) as overdue_days "
        "from marts.follow_up_plan group by owner_staff_id "
        "order by overdue_count + overdue_visit_count desc, owner_staff_id nulls last"
    )
    late = [row for row in owners if row["overdue_days"]]
    return {
        "owners": late[:LATE_OWNERS],
        "late_owner_count": len(late),
        "overdue_count": sum(row["overdue_count"] for row in late) if owners else None,
        "planned_count": sum(row["customer_count"] for row in owners),
        "levels": rows(
            "with recent as (select *, "
            "ticket_count - response_pending_count as response_count, "
            "ticket_count - resolution_pending_count as resolution_count "
            "from marts.service_levels where month > "
            f"(select max(month) from marts.service_levels) - {MONTHS_OF_SERVICE} "
            "* interval 1 month) "
            "select tier_code, sum(response_count)::bigint as response_count, "
            "sum(responded_in_time_count) / nullif(sum(response_count), 0) "
            "as response_share, sum(resolution_count)::bigint as resolution_count, "
            "sum(resolved_in_time_count) / nullif(sum(resolution_count), 0) "
            "as resolution_share, "
            "sum(open_overdue_count)::bigint as open_overdue_count "
            "from recent left join (select tier_code, max(tier_rank) as tier_rank "
            "from marts.customer_tiers group by all) using (tier_code) "
            "group by tier_code order by max(tier_rank) desc nulls last, tier_code"
        ),
        "feedback": rows(
            "select subject_type, count(*) as feedback_count, "
            "count(*) filter (due_on is not null and told_customer_at is null) "
            "as open_count, count(*) filter (is_overdue) as overdue_count "
            "from marts.feedback_loop group by subject_type order by subject_type"
        ),
    }


def quality(rows: Query, run_id: str) -> dict:
    """What became of every row, the first of the quarantine, checks that failed."""
    failed = "from quality.check_results where not is_success and run_id = ?"
    return {
        "feeds": rows(
            "select source, feed, count(*) as file_count, "
            "sum(raw_count)::bigint as raw_count, "
            "sum(staged_count)::bigint as staged_count, "
            "sum(superseded_count)::bigint as superseded_count, "
            "sum(duplicate_count)::bigint as duplicate_count, "
            "sum(quarantined_count)::bigint as quarantined_count, "
            "sum(erased_count)::bigint as erased_count, "
            "max(exported_at) as exported_at "
            "from quality.row_conservation group by all order by source, feed"
        ),
        "quarantined": rows(
            "select * from quality.quarantined_rows "
            "order by source, feed, file, row_number, column_name, rule limit ?",
            QUARANTINED,
        ),
        "quarantined_count": rows(
            "select count(*) as rows_count from quality.quarantined_rows"
        )[0]["rows_count"],
        "checks": rows(
            "select table_name, file, check_name, metric, severity, expected, observed "
            f"{failed} order by table_name, file, check_name, metric limit ?",
            run_id,
            CHECKS,
        ),
        "check_count": rows(f"select count(*) as checks {failed}", run_id)[0]["checks"],
    }


# --- what the reader sees -------------------------------------------------------------


def both(english: str, chinese: str) -> Markup:
    """A text in both languages; the page shows the one that the reader chose."""
    return Markup(
        '<span class="en" lang="en">{}</span><span class="zh" lang="zh">{}</span>'
    ).format(english, chinese)


def words(labels: dict, kind: str, code: str | None) -> tuple[str, str]:
    """A code of a list in English and 中文; the code itself where no list has it."""
    if code is None:
        return NOT_KNOWN.get(kind, ("–", "–"))
    return labels.get((kind, code), (code.replace("_", " ").capitalize(), code))


def named(labels: dict, kind: str, code: str | None) -> str:
    """A code in both languages at once, for charts and workbooks."""
    english, chinese = words(labels, kind, code)
    return english if english == chinese else f"{english} · {chinese}"


def label(labels: dict, kind: str, code: str | None) -> Markup:
    return both(*words(labels, kind, code))


def cards(told: dict) -> list[dict]:
    """The figures on top: (title, value, unit, note), each text in both languages."""
    labels, tiers = told["labels"], told["tiers"]
    held = {row["code"]: row["customer_count"] for row in told["held"]}
    levels = told["warnings"]["levels"]
    losses_amount = [
        row["expected_loss_amount"]
        for row in levels
        if row["expected_loss_amount"] is not None
    ]
    aimed = [row for row in told["kpis"] if row["target"] is not None]
    reached = sum(row["status"] == "on_target" for row in aimed)
    service, losses = told["service"], told["losses"]
    # What the nights themselves write was delivered by nobody.
    raw = sum(
        row["raw_count"]
        for row in told["quality"]["feeds"]
        if row["source"] != "tierkeeper"
    )
    bad = sum(row["quarantined_count"] for row in told["quality"]["feeds"])
    currency = told["run"]["base_currency"]

    def listed(kind: str, counts: list[tuple[str, int]]) -> tuple[str, str]:
        named = [(*words(labels, kind, code), count) for code, count in counts]
        return (
            " · ".join(f"{english} {count:,}" for english, _, count in named) or "–",
            " · ".join(f"{chinese} {count:,}" for _, chinese, count in named) or "–",
        )

    return [
        card(
            ("Customers with us", "现有客户"),
            sum(held.values()) if held else None,
            listed(
                "tier",
                [(code, held[code]) for code in tiers["levels"][::-1] if code in held],
            ),
        ),
        card(
            ("Open warnings", "未关闭预警"),
            sum(row["warning_count"] for row in levels),
            listed(
                "warning_level",
                [(row["level"], row["warning_count"]) for row in levels],
            ),
        ),
        card(
            ("Expected loss", "预计损失"),
            sum(losses_amount) if losses_amount else None,
            (f"{currency}, of open warnings", f"{currency}，未关闭预警合计"),
            "money",
        ),
        card(
            ("KPIs on target", "达标指标"),
            f"{reached} / {len(aimed)}" if aimed else None,
            ("of those with a target", "占有目标的指标"),
        ),
        card(
            ("Follow-ups overdue", "逾期回访"),
            service["overdue_count"],
            (
                f"of {service['planned_count']:,} in the plan",
                f"共 {service['planned_count']:,} 个回访计划",
            ),
        ),
        card(
            ("Lost in twelve months", "近十二个月流失"),
            losses["customer_count"],
            (
                f"{shown(losses['lost_amount'], 'money')} {currency} a year",
                f"年价值 {shown(losses['lost_amount'], 'money')} {currency}",
            ),
        ),
        card(
            ("Rows in quarantine", "隔离行"),
            bad if raw else None,
            (f"of {raw:,} delivered", f"共交付 {raw:,} 行"),
        ),
    ]


def figures(told: dict) -> dict:
    """The rows of the charts as tables, for readers who cannot see or run a chart."""
    say = partial(label, told["labels"])
    levels, losses = told["tiers"]["levels"], told["losses"]
    return {
        "tier_headings": [say("tier", code) for code in levels],
        "tier_rows": [
            [f"{row['month']:%Y-%m}", *(row["counts"].get(code, 0) for code in levels)]
            for row in reversed(told["tiers"]["months"])
        ],
        "tenth_rows": [
            [
                row["tenth"],
                row["customer_count"],
                100 * row["foretold_share"],
                100 * row["lost_share"],
            ]
            for row in told["trust"]["tenths"]
        ],
        "stage_rows": [
            [say("lifecycle_stage", row["code"]), row["customer_count"]]
            for row in told["stages"]
        ],
        "loss_rows": [
            [say(kind, row["code"]), row["customer_count"], row["lost_amount"]]
            for kind, rows in (
                ("loss_reason", losses["reasons"]),
                ("loss_kind", losses["kinds"]),
            )
            for row in rows
        ],
    }


def card(
    title: tuple[str, str], value: object, note: tuple[str, str], unit: str = ""
) -> dict:
    return {"title": title, "value": value, "note": note, "unit": unit}


def arrow(row: dict) -> str:
    """Which way a KPI's figure went; whether that is good its trend says."""
    if row["trend"] == "flat" or row["previous_value"] is None:
        return "→"
    return "↑" if row["value"] > row["previous_value"] else "↓"


def shown(value: object, unit: str = "") -> str:
    """A value as people read it; what is missing is a dash."""
    if value is None or value == "":
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "score":
        # Cut off, as in the sentences: a score never seems to reach a bar it missed.
        return f"{math.floor(value * 10) / 10:.1f}"
    if unit == "money":
        return f"{value:,.0f}"
    if unit == "count":
        return f"{value:,.0f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
