"""The months hold as many customers, active and lost, as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customers_by_month",
    expectations=[
        warns(
            "row_count__drift",
            "Months do not vanish: a feed is missing, or identity merged strangers.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "is_active__mean__drift",
            "Purchases are missing from the months, or counted twice.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "lifecycle_stage__share__lost__drift",
            "Many more are lost in all months: orders are missing, or a limit moved.",
            at_most=1.3,
        ),
        warns(
            "tier_code__null_share__drift",
            "Customers lost their tiers: evaluations are missing.",
            at_most=1.5,
        ),
        warns(
            "net_revenue_amount__mean__drift",
            "Revenue was lost, joined twice, or exchanged at a wrong rate.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Customers lost their account managers: reports by owner have holes.",
            at_most=1.5,
        ),
    ],
)
