"""Every KPI has its months, and most of the values that it had."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.kpi_values",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count",
            min_value=1,
            notes=(
                "Each KPI has a row a month, with or without a value: none is a fault."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.8,
            max_value=1.5,
            severity="warning",
            notes="A dimension or years of months went missing, or came twice.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="kpi_code__distinct_count__drift",
            min_value=0.8,
            severity="warning",
            notes="KPIs went missing; the count is approximate.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="value__null_share__drift",
            max_value=2,
            severity="warning",
            notes="KPIs lost what they are measured from: a feed is missing.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="n__mean__drift",
            min_value=0.5,
            max_value=2,
            severity="warning",
            notes="Observations were lost, or counted twice.",
        ),
    ],
)
