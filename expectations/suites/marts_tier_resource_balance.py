"""Tiers take service and bring value as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.tier_resource_balance",
    expectations=[
        warns(
            "row_count__drift",
            "Months, types or tiers went missing, or came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "service_count__mean__drift",
            "Contacts or requests were lost, or counted twice.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "cost_amount__null_share",
            "Minutes or the cost of staff no longer come: the balance is blind.",
            at_most=0.5,
        ),
    ],
)
