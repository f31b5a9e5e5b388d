"""As many customers are due for a contact, and overdue, as were the night before."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.follow_up_plan",
    expectations=[
        warns(
            "row_count__drift",
            "Customers dropped out of the plan: their tier or their stage is missing.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "has_owner__mean__drift",
            "Customers due whom nobody owns: an export of the CRM lost its owners.",
            at_least=0.8,
        ),
        warns(
            "is_overdue__mean__drift",
            "Suddenly overdue: contacts that were made did not arrive.",
            at_most=1.5,
        ),
        warns(
            "cadence_days__mean__drift",
            "Cadences changed: a policy did, or customers fell into other tiers.",
            at_least=0.7,
            at_most=1.4,
        ),
    ],
)
