"""About as many customers are steady as were the night before."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.base_customers",
    expectations=[
        warns(
            "row_count__drift",
            "Customers do not vanish: a feed of orders or contracts is late.",
            at_least=0.8,
            at_most=1.5,
        ),
        warns(
            "is_base__mean__drift",
            "The core of the business does not come or go at once: a criterion does.",
            at_least=0.7,
            at_most=1.4,
        ),
        warns(
            "criteria_unknown_count__mean__drift",
            "Criteria that cannot be judged: their feed is missing.",
            at_most=1.5,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Steady customers lost their account managers.",
            at_most=1.5,
        ),
    ],
)
