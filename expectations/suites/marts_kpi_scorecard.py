"""Every KPI is there, and has a value and a target as it had."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.kpi_scorecard",
    expectations=[
        warns(
            "row_count__drift",
            "A KPI went missing from the definitions, or came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "value__null_share__drift",
            "KPIs lost what they are measured from: a feed is missing.",
            at_most=2,
        ),
        warns(
            "target__null_share__drift",
            "Targets ran out: the list of targets has no line for this year.",
            at_most=1.5,
        ),
    ],
)
