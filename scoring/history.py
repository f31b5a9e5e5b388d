"""What a build of the warehouse knows of its own past, as what `training` takes.

The build's file is attached to the connection as `build`.
"""

from datetime import date

import duckdb
import numpy as np

from scoring.served import Feature, Histories
from scoring.training import Examples

# Month ends to learn from, and customers on them: more teach nothing more.
MOST_CUTOFFS = 24
MOST_EXAMPLES = 300_000

# Whoever bought by then, whatever became of them; one who is valued by contracts has no
# rhythm. A purchase that was called off since still was one in the eyes of that day.
BUYERS = """
from build.intermediate.int_customers__measured
select
    purchase_day_count - 1 as x,
    last_purchased_on - first_purchased_on as t_x,
    evaluation_date - first_purchased_on as T,
    purchase_day_count as valued,
    net_revenue_amount::double / purchase_day_count as mean_value
where value_basis = 'orders' and purchase_day_count > 0 and evaluation_date = $day
order by all
"""

# Customers are chosen by their key, so that the same history gives the same examples.
EXAMPLES = """
with cutoffs as (
    from build.intermediate.int_evaluations__dated
    where not is_provisional and evaluation_date + $horizon <= $as_of_date
    order by evaluation_date desc
    limit $most_cutoffs
),
examples as (
    select features.*
    from build.intermediate.int_churn_features__measured as features
    inner join cutoffs using (evaluation_date)
),
total as (
    select least(1, $most_examples / greatest(count(*), 1)) as share from examples
),
chosen as (
    select examples.*
    from examples, total
    where ('0x' || md5(customer_key)[:8])::bigint / 4294967296 < total.share
),
returned as (
    select distinct chosen.customer_key, chosen.evaluation_date
    from chosen
    inner join build.intermediate.int_purchases__sequenced as purchases
        on chosen.customer_key = purchases.customer_key
        and chosen.evaluation_date < purchases.purchased_on
        and chosen.evaluation_date + $horizon >= purchases.purchased_on
    where coalesce(
        purchases.called_off_on > chosen.evaluation_date + $horizon, true
    )
)
select
    {features},
    chosen.evaluation_date - date '1970-01-01' as day,
    returned.customer_key is null as lost,
    chosen.purchase_day_count - 1 as x,
    chosen.active_days as t_x,
    chosen.tenure_days as T,
    scores.churn_probability as served
from chosen
left join returned using (customer_key, evaluation_date)
left join build.intermediate.int_churn_scores__computed as scores
    using (customer_key, evaluation_date)
order by chosen.evaluation_date, chosen.customer_key
"""


def features(connection: duckdb.DuckDBPyConnection) -> list[Feature]:
    """The list of features, in its order."""
    return [
        Feature(*row)
        for row in connection.execute(
            "select feature_code, is_logged, expected_sign "
            "from build.reference.churn_features order by rowid"
        ).fetchall()
    ]


def horizon_days(connection: duckdb.DuckDBPyConnection, as_of_date: date) -> int:
    """What the policies of warnings look ahead; the longest where types differ."""
    (days,) = connection.execute(
        "select max(horizon_days) from build.reference.warning_policies "
        "where $day between valid_from and valid_to",
        {"day": as_of_date},
    ).fetchone()
    return int(days)


def examples(
    connection: duckdb.DuckDBPyConnection,
    codes: list[str],
    as_of_date: date,
    horizon: int,
) -> Examples:
    """Customers on month ends whose horizon is over by the day."""
    query = EXAMPLES.format(features=", ".join(f"chosen.{code}" for code in codes))
    found = connection.execute(
        query,
        {
            "horizon": horizon,
            "as_of_date": as_of_date,
            "most_cutoffs": MOST_CUTOFFS,
            "most_examples": MOST_EXAMPLES,
        },
    ).fetchnumpy()

    def column(name: str) -> np.ndarray:
        return np.ma.filled(np.ma.asarray(found[name], float), np.nan)

    return Examples(
        features=np.column_stack([column(code) for code in codes]),
        day=column("day"),
        lost=column("lost") > 0,
        x=column("x"),
        t_x=column("t_x"),
        T=column("T"),
        served=column("served"),
    )


def histories(connection: duckdb.DuckDBPyConnection, day: date) -> Histories:
    """All who had bought by an evaluation."""
    found = connection.execute(BUYERS, {"day": day}).fetchnumpy()
    return Histories(
        **{
            name: np.ma.filled(np.ma.asarray(values, float), 0)
            for name, values in found.items()
        }
    )
