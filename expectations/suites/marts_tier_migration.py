"""Customers move between tiers as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.tier_migration",
    expectations=[
        warns(
            "row_count__drift",
            "Months or types of customers went missing, or came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "customer_count__mean__drift",
            "Customers were lost between two evaluations, or counted twice.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "is_downgrade__mean__drift",
            "More ways down than before: a feed is missing, or a bar moved.",
            at_most=1.5,
        ),
    ],
)
