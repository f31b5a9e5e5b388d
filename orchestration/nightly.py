"""One night from the command line: progress as it works, then a short table."""

import importlib
import logging
import sys
import threading
import time
import unicodedata
from pathlib import Path

import dagster as dg
import duckdb
import yaml

from orchestration import logs
from orchestration.settings import Settings

log = logging.getLogger("tierkeeper")


def run(settings: Settings, started: float) -> int:
    """Run the nightly job through Dagster; 0 only if the night was published."""
    speak(started)
    home(settings)
    settings.export()
    # Great Expectations takes seconds to import: it does so while Dagster gets ready.
    threading.Thread(
        target=importlib.import_module, args=("great_expectations",), daemon=True
    ).start()
    from orchestration import definitions

    log.info(
        "night begins: landing %s, data %s", settings.landing_dir, settings.data_dir
    )
    platform = definitions.build(settings)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        result = platform.resolve_job_def("nightly").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if not result.success:
        print(f"\nThe night was not published. {what_stays(settings)}", file=sys.stderr)
        for reason in reasons(result):
            print(f"\n{reason}", file=sys.stderr)
        return 1
    print()
    print(summary(settings))
    print(f"\n{time.perf_counter() - started:.0f} s in all.")
    return 0


def speak(started: float) -> None:
    """Send the night's own progress to the terminal, each line with its second."""

    class Elapsed(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            mark = "" if record.levelno < logging.WARNING else "! "
            seconds = time.perf_counter() - started
            return f"[{seconds:5.1f} s] {mark}{record.getMessage()}"

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Elapsed())
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def home(settings: Settings) -> None:
    """Dagster's own folder, with the project's settings for it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    told = yaml.safe_load(Path(__file__).with_name("dagster.yaml").read_text("utf-8"))
    told["event_log_storage"] = {
        "module": "orchestration.events",
        "class": "EventLog",
        "config": {"base_dir": str(settings.dagster_home / "history" / "runs")},
    }
    (settings.dagster_home / "dagster.yaml").write_text(yaml.safe_dump(told), "utf-8")


def what_stays(settings: Settings) -> str:
    if settings.published.exists():
        return f"The snapshot {settings.published.resolve().name} stays as it is."
    return "Nothing has been published so far."


def reasons(result: dg.ExecuteInProcessResult) -> list[str]:
    """One sentence or a few for each thing that stopped the night."""
    said = []
    for event in result.all_events:
        if event.event_type_value == "STEP_UP_FOR_RETRY":
            said.append(cause(event.step_retry_data.error))
        if event.event_type_value == "STEP_FAILURE":
            failure = event.step_failure_data
            if failure.user_failure_data:
                said.append((failure.user_failure_data.description or "").strip())
            elif not said:
                said.append(cause(failure.error))
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            is_error = check.severity == dg.AssetCheckSeverity.ERROR
            if not check.passed and check.blocking and is_error:
                found = check.metadata.get("found")
                said.append(
                    f"{'.'.join(check.asset_key.path)} failed its check "
                    f"{check.check_name}: {found.value if found else ''}"
                )
    return said


def cause(error) -> str:
    """An unforeseen error as Dagster keeps it: what it says, and where it was."""
    while error and error.cause:
        error = error.cause
    if error is None:
        return "A step failed without saying why."
    said = logs.without_values(error.message.strip())
    return f"{said}\n{''.join(error.stack[-2:]).rstrip()}"


def summary(settings: Settings) -> str:
    """Customers, KPIs against target, rows in quarantine, and where things are."""
    lines = []
    database = settings.published / "tierkeeper.duckdb"
    with duckdb.connect(str(database), read_only=True) as published:

        def one(query: str) -> tuple:
            return published.execute(query).fetchone()

        as_of_date, currency = one(
            "select as_of_date, base_currency from quality.runs "
            "order by finished_at desc limit 1"
        )
        behind = (settings.latest_allowed_date() - as_of_date).days
        lines.append(f"As of {as_of_date} · amounts in {currency}")
        if behind > 3 and settings.as_of_date is None:
            lines.append(
                f"! The required feeds reach {as_of_date} only, {behind} days before "
                "yesterday: newer exports are due."
            )
        if settings.uses_sample_key:
            lines.append(
                "! PSEUDONYM_KEY is not set: the public sample key is in use. Set one "
                "of your own before real data; changing it renames guests."
            )
        customers, inferred, guests, lost = one(
            "select (select count(*) from marts.customers), "
            "(select count(*) from marts.customers where is_inferred), "
            "(select count(*) from marts.orders where customer_key is null), "
            "(select count(*) from marts.customers where lifecycle_stage = 'lost')"
        )
        tiers = published.execute(
            "select coalesce(label_en || ' · ' || label_zh, 'no tier yet · 未评定'), "
            "count(*) from marts.customers left join marts.labels "
            "on list_code = 'tier' and code = tier_code "
            "where lifecycle_stage is distinct from 'lost' "
            "group by all order by max(tier_rank) desc nulls last"
        ).fetchall()
        opened, overdue, on_list = one(
            "select count(*) filter (is_open), count(*) filter (is_overdue), "
            "(select count(*) from marts.churn_worklist) from marts.churn_warnings"
        )
        levels = published.execute(
            "select label_en || ' · ' || label_zh, count(*) "
            "from marts.churn_warnings inner join marts.labels "
            "on list_code = 'warning_level' and code = level "
            "where is_open group by all order by min(level = 'yellow'), "
            "min(level = 'orange')"
        ).fetchall()
        lines.append("")
        lines.append(
            table(
                [
                    (
                        "Customers · 客户",
                        f"{customers:,}",
                        f"{inferred:,} not in the CRM",
                    ),
                    *((f"  {tier}", f"{count:,}", "") for tier, count in tiers),
                    ("  Lost so far · 已流失", f"{lost:,}", "of any tier"),
                    (
                        "Open warnings · 预警单",
                        f"{opened:,}",
                        f"{on_list:,} on the worklist, {overdue:,} overdue",
                    ),
                    *((f"  {level}", f"{count:,}", "") for level, count in levels),
                    ("Anonymous orders · 匿名订单", f"{guests:,}", "in revenue only"),
                ]
            )
        )
        lines.append("")
        scorecard = published.execute(
            "select label_en, label_zh, unit, value, target, status, month "
            "from marts.kpi_scorecard order by department, kpi_code"
        ).fetchall()
        kpis = [
            (
                f"{english} · {chinese}",
                number(value, unit),
                number(target, unit),
                status.replace("_", " "),
                f"{month:%Y-%m}" if month else "",
            )
            for english, chinese, unit, value, target, status, month in scorecard
        ]
        lines.append(table([("KPI", "Value", "Target", "Status", "Month"), *kpis]))
        raw, quarantined = one(
            "select coalesce(sum(raw_count), 0), coalesce(sum(quarantined_count), 0) "
            "from quality.row_conservation where source <> 'tierkeeper'"
        )
        lines.append("")
        lines.append(
            f"Rows in quarantine · 隔离行: {quarantined:,} of {raw:,} "
            "(quality.quarantined_rows names file, row and column)"
        )
    rejected = sorted(settings.rejected.glob("*/*/*.reason.txt"))
    for reason in rejected:
        lines.append(
            f"! {reason.parent.parent.name}/{reason.parent.name}/"
            f"{reason.name.removesuffix('.reason.txt')} waits in rejected: "
            f"{reason.read_text('utf-8').strip()}"
        )
    lines.append(f"Page:  {settings.published / 'index.html'}")
    lines.append(f"Marts: {database}")
    return "\n".join(lines)


def number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    if unit == "share":
        return f"{value:.1%}"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def width(text: str) -> int:
    """Columns that a terminal takes for a text: 中文 takes two each."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def table(rows: list[tuple]) -> str:
    widths = [max(width(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            (" " * (room - width(cell)) + cell)
            if at in (1, 2) and len(row) > 3
            else cell + " " * (room - width(cell))
            for at, (cell, room) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
