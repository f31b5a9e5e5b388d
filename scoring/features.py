"""What orders say of a customer as of a day, from a log of purchases."""

from datetime import date

import duckdb
import numpy as np
from numpy.typing import NDArray

# Several orders of a day are one purchase: a parcel in two parts. Who took back more
# than they bought on a day bought nothing, and the spend is lower from then on.
FEATURES = """
with days as (
    select customer_id, bought_on, sum(amount)::double as amount
    from {purchases}
    where bought_on <= {day}
    group by all
), bought as (
    select
        *,
        bought_on - lag(bought_on) over (
            partition by customer_id order by bought_on
        ) as gap
    from days
    where amount >= 0
), returned as (
    select customer_id, sum(amount) as amount
    from days
    where amount < 0
    group by all
)
select
    bought.customer_id,
    count(*) - 1 as x,
    max(bought_on) - min(bought_on) as t_x,
    {day} - min(bought_on) as T,
    {day} - max(bought_on) as recency,
    sum(bought.amount) + coalesce(any_value(returned.amount), 0) as spend,
    avg(gap) as mean_gap,
    count(*) filter (gap is not null and bought.amount > 0) as valued,
    avg(bought.amount) filter (gap is not null and bought.amount > 0) as mean_value
from bought
left join returned using (customer_id)
group by bought.customer_id
order by bought.customer_id
"""

OUTCOMES = """
with customers as (
    select distinct customer_id from (
        select customer_id
        from {purchases}
        where bought_on <= {day}
        group by customer_id, bought_on
        having sum(amount) >= 0
    )
), bought as (
    select customer_id, bought_on, sum(amount)::double as amount
    from {purchases}
    where bought_on > {day} and bought_on <= {day} + {horizon}
    group by all
    having sum(amount) >= 0
)
select
    customers.customer_id,
    count(bought.bought_on) as purchases,
    coalesce(sum(bought.amount), 0) as amount
from customers
left join bought using (customer_id)
group by customers.customer_id
order by customers.customer_id
"""


def as_of(
    connection: duckdb.DuckDBPyConnection, purchases: str, day: date
) -> dict[str, NDArray]:
    """One row per customer who has bought by the end of the day, by customer_id.

    `purchases` is a table of customer_id, bought_on (date), amount (money); no row
    after the day is looked at. Arrays of shape (n,): x, days with a purchase after the
    first; t_x, from the first to the last, T, since the first, recency, since the last,
    mean_gap, all in days; spend in money; valued, repeat days with a positive amount,
    and mean_value, their mean. What is unknown is NaN: the gap of one purchase.
    """
    return fetched(connection, FEATURES, purchases=purchases, day=f"date '{day}'")


def outcomes(
    connection: duckdb.DuckDBPyConnection, purchases: str, day: date, horizon: int
) -> dict[str, NDArray]:
    """What the same customers, in the same order, did in `horizon` days after the day.

    purchases, the days with one, and amount, what these brought. Shapes (n,).
    """
    return fetched(
        connection, OUTCOMES, purchases=purchases, day=f"date '{day}'", horizon=horizon
    )


def fetched(
    connection: duckdb.DuckDBPyConnection, sql: str, **told: object
) -> dict[str, NDArray]:
    columns = connection.execute(sql.format(**told)).fetchnumpy()
    ids = np.ma.getdata(columns.pop("customer_id"))
    return {"customer_id": ids} | {
        name: np.ma.filled(column.astype(float), np.nan)
        for name, column in columns.items()
    }
