"""What the scores of very many customers cost: the model's SQL on invented features.

As benchmarks/tiers.py: no dbt and no night, and what the model reads is given.
"""

import resource
import tempfile

from benchmarks.tiers import LAST, REFERENCE, build, connected, load

MODEL = "int_churn_scores__computed"
LISTS = ("churn_features", "churn_models")
# What every score has; each other feature is known of two customers in three.
ALWAYS = """
    md5('customer ' || number) as customer_key,
    date '{last}' as evaluation_date,
    24 as evaluation_number,
    false as is_provisional,
    true as is_latest,
    'person' as policy_customer_type,
    90 as horizon_days,
    2 + floor(-4 * ln((hash(number) % 1000003 + 0.5) / 1000003))::bigint
        as purchase_day_count,
    60 + (hash('tenure', number) % 1036)::integer as tenure_days,
    (hash('recency', number) % 60)::integer as recency_days,
    tenure_days - recency_days as active_days,
    (10 + exp((hash('spend', number) % 9000) / 1000.0))::decimal(18, 4)
        as net_revenue_amount,
    (net_revenue_amount / 2)::decimal(18, 4) as net_revenue_365_amount
"""
# By its unit, what a feature may be.
VALUES = {
    "days": "(hash('{code}', number) % 90)::double",
    "hours": "(hash('{code}', number) % 200)::double",
    "count": "(hash('{code}', number) % 4)::double",
    "ratio": "(hash('{code}', number) % 400) / 100.0::double",
    "share": "(hash('{code}', number) % 101) / 100.0::double",
}


def measure(customers: int, memory_limit: str) -> dict:
    """What the scores of so many customers of one evaluation cost on two threads.

    Seconds of the model, the scores it gave, and the most megabytes that the process
    held, also while the features were invented, which is no part of the seconds.
    """
    with tempfile.TemporaryDirectory(prefix="tierkeeper-") as folder:
        with connected(folder, memory_limit) as connection:
            connection.execute("create schema refs")
            for name in LISTS:
                load(connection, name, (REFERENCE / f"{name}.csv").read_text("utf-8"))
            connection.execute(
                "create table refs.int_churn_models__served as "
                f"select *, date '{LAST}' as evaluation_date from refs.churn_models"
            )
            features = connection.execute(
                "select feature_code, unit from refs.churn_features "
                "where component = 'logistic' order by feature_code"
            ).fetchall()
            optional = ", ".join(
                f"if(hash('known {code}', number) % 3 > 0, {VALUES[unit]}, null) "
                f"as {code}".format(code=code)
                for code, unit in features
                if f"as {code}" not in ALWAYS
            )
            connection.execute(
                "create table refs.int_churn_features__measured as "
                f"select {ALWAYS.format(last=LAST)}, {optional} "
                f"from range({customers}) as numbers (number)"
            )
        with connected(folder, memory_limit) as connection:
            built = build(connection, MODEL)
            ((scored,),) = connection.execute(
                f"select count(*) from refs.{MODEL} "
                "where churn_probability between 0 and 1 and expected_value > 0"
            ).fetchall()
    return {
        "customers": customers,
        "scored": scored,
        "seconds": built["seconds"],
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
