"""No department forgets what it knew of customers."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_coverage",
    expectations=[
        warns(
            "customer_share__mean__drift",
            "A feed is missing, or its numbers match nobody any more.",
            at_least=0.8,
            at_most=1.3,
        ),
        warns(
            "customer_count__null_share__drift",
            "Feeds that were delivered are not any more.",
            at_most=1.5,
        ),
        warns(
            "conflicting_customer_count__mean__drift",
            "A source tells other things than the rest.",
            at_most=2,
        ),
    ],
)
