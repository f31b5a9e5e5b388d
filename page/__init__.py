"""The nightly page: one self-contained file, made from the published marts alone."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import jinja2

TEMPLATE = Path(__file__).with_name("index.html.jinja")


def write(database: Path, target: Path) -> None:
    """Write the page of a published DuckDB file."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = shown
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    target.write_text(template.render(content(database)), "utf-8")


def content(database: Path) -> dict:
    """What the template shows; only marts and quality are read."""
    with duckdb.connect(str(database), read_only=True) as published:

        def rows(query: str) -> list[dict]:
            found = published.execute(query)
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

        return {
            "run": rows("select * from quality.runs order by finished_at desc limit 1")[
                0
            ],
            "scorecard": rows(
                "select scorecard.*, definitions.description_en, "
                "definitions.description_zh from marts.kpi_scorecard as scorecard "
                "inner join marts.kpi_definitions as definitions using (kpi_code) "
                "order by scorecard.department, scorecard.kpi_code"
            ),
            "counts": rows(
                "select count(*) as customers, "
                "count(*) filter (is_inferred) as inferred, "
                "count(*) filter (order_count > 0) as buyers, "
                "(select count(*) from marts.orders) as orders, "
                "(select count(*) from marts.orders where customer_key is null) "
                "as anonymous_orders, "
                "(select count(*) from marts.order_lines) as order_lines, "
                "(select count(*) from marts.interactions) as interactions, "
                "(select count(*) from marts.service_tickets where is_open) "
                "as open_tickets, "
                "(select count(*) from marts.survey_responses) as survey_responses "
                "from marts.customers"
            )[0],
            "files": rows(
                "select source, feed, count(*) as files, sum(raw_count) as raw_count, "
                "sum(staged_count) as staged_count, "
                "sum(superseded_count) as superseded_count, "
                "sum(duplicate_count) as duplicate_count, "
                "sum(quarantined_count) as quarantined_count, "
                "max(exported_at) as exported_at "
                "from quality.row_conservation group by all order by source, feed"
            ),
            "quarantined": rows(
                "select * from quality.quarantined_rows "
                "order by source, feed, file, row_number, column_name limit 50"
            ),
            "failed_checks": rows(
                "select table_name, file, check_name, metric, severity, expected, "
                "observed from quality.check_results "
                "where not is_success and run_id = "
                "(select run_id from quality.runs order by finished_at desc limit 1) "
                "order by table_name, file, check_name, metric"
            ),
        }


def shown(value: object, unit: str = "") -> str:
    """A value as people read it; what is missing is a dash."""
    if value is None or value == "":
        return "–"
    if unit == "share":
        return f"{value:.1%}"
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
