"""Warnings are kept, as grave as they were, and acted upon."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_warnings",
    expectations=[
        warns(
            "row_count__drift",
            "What was warned of does not un-happen, nor are there waves of it.",
            at_least=0.95,
            at_most=1.5,
        ),
        warns(
            "level__share__red__drift",
            "Twice as many are red: a threshold moved, or a feed is missing.",
            at_most=2,
        ),
        warns(
            "is_control__mean__drift",
            "The share left without action is a policy: it should not move by itself.",
            at_least=0.4,
            at_most=2.5,
        ),
        warns(
            "is_overdue__mean",
            "Half of all warnings overdue: nobody acts, or results do not arrive.",
            at_most=0.5,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Warnings about customers whom nobody owns: nobody will act.",
            at_most=2,
        ),
        warns(
            "expected_loss_amount__mean__drift",
            "What is at stake is valued in another way, or at a wrong rate.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
