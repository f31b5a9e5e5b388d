"""Indicators fire for as many customers, and as gravely, as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_indicators",
    expectations=[
        warns(
            "row_count__drift",
            "Customers under watch do not vanish: a stage or a feed is missing.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "indicator_code__distinct_count__drift",
            "Indicators that no longer measure anybody; the count is approximate.",
            at_least=0.7,
        ),
        warns(
            "level_fired__null_share__drift",
            "A feed that is late looks like customers who turn away, or like calm.",
            at_least=0.7,
            at_most=1.3,
        ),
        warns(
            "level_fired__share__red__drift",
            "A wave of red: a threshold moved, or a feed is missing.",
            at_most=2,
        ),
    ],
)
