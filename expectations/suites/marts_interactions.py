"""Contacts with customers grow, and as many of the planned ones are kept."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.interactions",
    expectations=[
        warns(
            "row_count__drift",
            "Contacts do not vanish: a feed is missing, or customers are.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "is_done__mean__drift",
            "Plans that nobody closes, or plans that are missing.",
            at_least=0.7,
            at_most=1.4,
        ),
        warns(
            "duration_minutes__mean__drift",
            "Seconds or hours instead of minutes.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
