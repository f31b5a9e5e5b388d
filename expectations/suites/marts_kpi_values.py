"""Every KPI has its months, and most of the values that it had."""

import great_expectations as gx

from expectations.limits import blocks, warns

suite = gx.ExpectationSuite(
    name="marts.kpi_values",
    expectations=[
        blocks(
            "row_count",
            "Each KPI has a row a month, with or without a value: none is a fault.",
            at_least=1,
        ),
        warns(
            "row_count__drift",
            "A dimension or years of months went missing, or came twice.",
            at_least=0.8,
            at_most=1.5,
        ),
        warns(
            "kpi_code__distinct_count__drift",
            "KPIs went missing; the count is approximate.",
            at_least=0.8,
        ),
        warns(
            "value__null_share__drift",
            "KPIs lost what they are measured from: a feed is missing.",
            at_most=2,
        ),
        warns(
            "n__mean__drift",
            "Observations were lost, or counted twice.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
