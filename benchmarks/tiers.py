"""What the tiers of very many customers cost: the models' SQL on invented tables.

No dbt and no night: the SQL of each model as DuckDB gets it, in one connection, on
tables that hold what the models read. Nothing is staged or identified here; what stands
before the tiers, the measures of each customer at each evaluation among it, is given.
"""

import csv
import io
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import yaml

from engines.rendering import PROJECT as DBT_PROJECT
from engines.rendering import engine_project
from orchestration.formats import literal
from orchestration.settings import PROJECT

THREADS = 2
REFERENCE = PROJECT / "seeds" / "reference"
MODELS = (
    "int_tier_policies__evaluated",
    "int_customers__rated",
    "int_tier_facts__dated",
    "int_tier_criteria__counted",
    "int_tier_criteria__measured",
    "int_tier_criteria__scored",
    "int_tiers__decided",
)
# The newest evaluation is this month's end.
LAST = date(2026, 6, 30)
LISTS = ("tier_policies", "tier_criteria", "tier_levels", "tier_measures")
# What the bound in docs/tiers-policy.md is about: eight criteria, of which four are
# ranked, for persons and the same for companies.
EIGHT = """
policy_code,policy_version,criterion_code,measure,window_days,weight,scale,thresholds,unknown_share
persons,1,value,value,365,30,rank_share,,0
persons,1,frequency,purchase_days,365,15,rank_share,,0
persons,1,recency,recency_days,,10,thresholds,0:1;91:0.6;181:0.3;366:0,0
persons,1,tenure,tenure_days,,5,rank_share,,0
persons,1,margin,margin,365,15,rank_share,,0.5
persons,1,active_months,active_months,365,10,thresholds,0:0;1:0.2;3:0.5;6:0.8;9:1,0
persons,1,activity,activity_days,90,10,thresholds,0:0;1:0.4;5:0.7;15:1,0.5
persons,1,satisfaction,satisfaction,365,5,thresholds,0:0;50:0.4;75:0.8;90:1,0.5
""".strip()
EIGHT += EIGHT[EIGHT.index("\n") :].replace("persons", "companies")
# Which scenarios are run, and of which criteria instead of the shipped.
POLICIES = {
    "live": ("where scenario = 'live'", None),
    "all": ("", None),
    "eight": ("where scenario = 'live'", EIGHT),
}

# One customer in fifty is a company. Most buy little, few much, and all for the first
# time before the first of 24 evaluations.
INPUTS = {
    "run_parameters": """
        select date '{last}' as as_of_date, 'Asia/Shanghai' as business_timezone
    """,
    "int_evaluations__dated": """
        select
            last_day(date '{last}' - to_months({evaluations} - number::integer))
                as evaluation_date,
            number as evaluation_number,
            false as is_provisional,
            number = {evaluations} as is_latest
        from range(1, {evaluations} + 1) as numbers (number)
    """,
    "int_evaluations__fingerprinted": """
        select *, 'as ever' as fingerprint from refs.int_evaluations__dated
    """,
    "int_days__evaluated": """
        select day::date as date_day, min(evaluation_number) as evaluation_number
        from range(date '{last}' - 1095, date '{last}' + 1, interval 1 day) as _ (day)
        inner join refs.int_evaluations__dated on day <= evaluation_date
        group by day
    """,
    "people": """
        select
            number,
            md5('customer ' || number) as customer_key,
            'S' || number as shop_id,
            'C' || number as crm_id,
            if(number % 50 = 0, 'company', 'person') as customer_type,
            1 + floor(-4 * ln((hash(number) % 1000003 + 0.5) / 1000003))::integer
                as order_count,
            date '{last}' - 1095 + (hash('first', number) % 300)::integer as first_on
        from range({customers}) as numbers (number)
    """,
    "int_customers__typed": "select customer_key, customer_type from refs.people",
    "int_records__resolved": """
        select 'shop' as namespace, shop_id as record_id, customer_key from refs.people
        union all
        select 'crm', crm_id, customer_key from refs.people
    """,
    "int_orders__identified": """
        with orders as (
            select
                customer_key,
                number,
                purchase,
                if(
                    purchase = 1,
                    first_on,
                    first_on + (
                        hash('day', number, purchase) % (date '{last}' - first_on + 1)
                    )::integer
                ) as ordered_on,
                (10 + exp((hash('price', number, purchase) % 7000) / 1000.0))
                    ::decimal(18, 4) as gross_amount
            from refs.people
            cross join lateral range(1, order_count + 1) as orders (purchase)
        )
        select
            customer_key,
            ordered_on,
            gross_amount,
            0::decimal(18, 4) as discount_amount,
            (gross_amount * 0.7)::decimal(18, 4) as cost_amount,
            if(number % 20 = 0, ordered_on + 9, null) as refunded_on,
            if(number % 20 = 0, 5, 0)::decimal(18, 4) as refunded_amount,
            null::date as cancelled_on,
            0::decimal(18, 4) as cancelled_amount,
            'completed' as status
        from orders
    """,
    "int_purchases__sequenced": """
        select customer_key, ordered_on as purchased_on, null::date as called_off_on
        from refs.int_orders__identified
    """,
    "int_activity__in_force": """
        select
            shop_id as source_customer_id,
            date '{last}' - (hash('visit', number, visit) % 800)::integer
                as activity_date,
            1 as sessions,
            2 as feature_uses,
            1 as logins
        from refs.people
        cross join lateral range(1, 2 * order_count + 1) as visits (visit)
    """,
    "int_responses__scored": """
        select
            'crm' as namespace,
            crm_id as record_id,
            timestamp '{last}' - to_hours((hash('answer', number) % 20000)::integer)
                as responded_at,
            (hash('score', number) % 11) / 10 as score_share
        from refs.people
        where number % 3 = 0
    """,
    "int_invoices__in_force": """
        select
            crm_id as source_customer_id,
            date '{last}' - (30 * invoice)::integer as due_on,
            date '{last}' - (30 * invoice)::integer
                + (hash('paid', number, invoice) % 12)::integer - 9 as paid_on,
            100::decimal(18, 4) as paid_amount,
            100::decimal(18, 4) as amount
        from refs.people
        cross join range(1, 25) as invoices (invoice)
        where customer_type = 'company'
    """,
    "int_tickets__in_force": """
        select
            crm_id as source_customer_id,
            timestamp '{last}' - to_hours((hash('ticket', number) % 20000)::integer)
                as opened_at,
            opened_at + interval 20 hours as resolved_at,
            (hash('minutes', number) % 90)::integer as handling_minutes
        from refs.people
        where number % 2 = 0
    """,
    "int_measures__in_force": """
        select
            crm_id as source_customer_id,
            'credit_score' as measure_code,
            date '{last}' - 200 as measured_on,
            (hash('credit', number) % 800)::decimal(18, 4) as value
        from refs.people
        where customer_type = 'company'
    """,
    # Who bought on two days has a score, as in a night.
    "int_churn_scores__told": """
        select
            customer_key,
            evaluation_date,
            (hash('score', customer_key, evaluation_date) % 100000) / 100.0
                as expected_value
        from refs.int_evaluations__dated
        inner join refs.int_orders__identified on ordered_on <= evaluation_date
        group by customer_key, evaluation_date
        having count(distinct ordered_on) >= 2
    """,
    # What was bought within so many days of each evaluation, as the orders tell.
    "int_customers__measured": """
        with days as (
            select
                customer_key,
                ordered_on,
                sum(gross_amount - refunded_amount) as amount
            from refs.int_orders__identified
            group by customer_key, ordered_on
        ),
        totals as (
            select
                customer_key,
                evaluation_number,
                {windows}
                min(ordered_on) as first_purchased_on,
                max(ordered_on) as last_purchased_on,
                count(*) as purchase_day_count
            from refs.int_evaluations__dated
            inner join days on ordered_on <= evaluation_date
            group by customer_key, evaluation_number
        )
        select
            totals.*,
            evaluations.evaluation_date,
            evaluations.is_provisional,
            evaluations.is_latest,
            typed.customer_type as policy_customer_type,
            net_revenue_365_amount as value_365_amount,
            first_purchased_on as customer_since
        from totals
        inner join refs.int_evaluations__dated as evaluations using (evaluation_number)
        inner join refs.int_customers__typed as typed using (customer_key)
    """,
}
WINDOWS = "".join(
    f"""
                coalesce(sum(amount) filter (ordered_on > evaluation_date - {days}), 0)
                    ::decimal(18, 4) as net_revenue_{days}_amount,
                count(*) filter (ordered_on > evaluation_date - {days})
                    as purchase_day_{days}_count,"""
    for days in (90, 180, 365)
)


def measure(
    customers: int, evaluations: int, memory_limit: str, policies: str = "eight"
) -> dict:
    """What the tiers of so many customers cost on two threads, in this process.

    Seconds and rows of each model, and the most megabytes held meanwhile. The invented
    tables are made by another connection before, and are no cost.
    """
    with tempfile.TemporaryDirectory(prefix="tierkeeper-") as folder:
        with connected(folder, memory_limit) as connection:
            invent(connection, customers, evaluations, policies)
        with connected(folder, memory_limit) as connection:
            models = [build(connection, model) for model in MODELS]
            ((rows, rated),) = connection.execute(
                "select count(*), count(distinct customer_key) "
                "from refs.int_tiers__decided where scenario = 'live'"
            ).fetchall()
    return {
        "customers": customers,
        "evaluations": evaluations,
        "policies": policies,
        "models": models,
        "seconds": round(sum(model["seconds"] for model in models), 1),
        "live_rows": rows,
        "rated_customers": rated,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def connected(folder: str, memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(f"{folder}/tiers.duckdb")
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set threads = {THREADS}")
    connection.execute(f"set memory_limit = {literal(memory_limit)}")
    connection.execute(f"set temp_directory = {literal(f'{folder}/spilled')}")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set disabled_compression_methods = 'fsst,dict_fsst'")
    return connection


def invent(
    connection: duckdb.DuckDBPyConnection,
    customers: int,
    evaluations: int,
    policies: str,
) -> None:
    """Tables of all that the models read."""
    connection.execute("create schema refs")
    scenarios, criteria = POLICIES[policies]
    for name in LISTS:
        load(connection, name, (REFERENCE / f"{name}.csv").read_text("utf-8"))
    connection.execute(
        "create or replace table refs.tier_policies as "
        f"from refs.tier_policies {scenarios}"
    )
    if criteria:
        load(connection, "tier_criteria", criteria)
    connection.execute(
        "delete from refs.tier_criteria where (policy_code, policy_version) not in "
        "(select (policy_code, policy_version) from refs.tier_policies)"
    )
    for name, query in INPUTS.items():
        selected = query.format(
            customers=customers, evaluations=evaluations, last=LAST, windows=WINDOWS
        )
        connection.execute(f"create table refs.{name} as {selected}")


def load(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    """A list with the types that dbt gives it; a column that the text lacks is null."""
    types = next(
        seed["config"]["column_types"]
        for described in sorted(REFERENCE.glob("_*.yml"))
        for seed in yaml.safe_load(described.read_text("utf-8"))["seeds"]
        if seed["name"] == name
    )
    columns = ", ".join(f"{column} {kind}" for column, kind in types.items())
    connection.execute(f"create or replace table refs.{name} ({columns})")
    rows = [
        [row.get(column) or None for column in types]
        for row in csv.DictReader(io.StringIO(text))
    ]
    marks = ", ".join("?" * len(types))
    connection.executemany(f"insert into refs.{name} values ({marks})", rows)


def build(connection: duckdb.DuckDBPyConnection, model: str) -> dict:
    path = next((DBT_PROJECT / "models").rglob(f"{model}.sql"))
    sql = engine_project("duckdb").render(Path(path)).text
    started = time.perf_counter()
    connection.execute(f"create table refs.{model} as {sql}")
    seconds = time.perf_counter() - started
    (rows,) = connection.execute(f"select count(*) from refs.{model}").fetchone()
    return {"model": model, "seconds": round(seconds, 1), "rows": rows}
