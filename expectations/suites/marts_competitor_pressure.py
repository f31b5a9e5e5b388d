"""Competitors are named as often as they were, and are as many."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.competitor_pressure",
    expectations=[
        warns(
            "row_count__drift",
            "Names went missing, or one competitor came apart into spellings.",
            at_least=0.6,
            at_most=1.6,
        ),
        warns(
            "ticket_count__mean__drift",
            "Service requests are missing, or their column of competitors is.",
            at_least=0.5,
        ),
    ],
)
