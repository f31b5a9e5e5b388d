"""What a build of the warehouse knows of its own past, as what `training` takes.

The build's file is attached to the connection as `build`.
"""

from datetime import date

import duckdb
import numpy as np

from scoring.served import Feature, Histories
from scoring.training import Examples

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

# The customers of the backtest: what is learned from is what is measured on.
EXAMPLES = """
select
    {features},
    outcomes.evaluation_date - date '1970-01-01' as day,
    outcomes.is_lost as lost,
    features.purchase_day_count - 1 as x,
    features.active_days as t_x,
    features.tenure_days as T,
    outcomes.churn_probability as served
from build.intermediate.int_churn_outcomes__measured as outcomes
inner join build.intermediate.int_churn_features__measured as features
    using (customer_key, evaluation_date)
order by outcomes.evaluation_date, outcomes.customer_key
"""


def features(connection: duckdb.DuckDBPyConnection) -> list[Feature]:
    """The list of features, in its order."""
    return [
        Feature(*row)
        for row in connection.execute(
            "select feature_code, is_logged, expected_sign "
            "from build.reference.churn_features "
            "where component = 'logistic' order by rowid"
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


def examples(connection: duckdb.DuckDBPyConnection, codes: list[str]) -> Examples:
    """Customers on month ends whose horizon is over, and whether they left."""
    query = EXAMPLES.format(features=", ".join(f"features.{code}" for code in codes))
    found = connection.execute(query).fetchnumpy()

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
