"""The worklist is about as long and as urgent as it was, and is being worked on."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_worklist",
    expectations=[
        warns(
            "row_count__drift",
            "Capacity, owners or warnings were lost, or a wave of warnings came.",
            at_least=0.3,
            at_most=3,
        ),
        warns(
            "level__share__red__drift",
            "Much more is urgent: a threshold moved, or a feed is missing.",
            at_most=3,
        ),
        warns(
            "is_overdue__mean",
            "Most of the list is overdue: it is longer than there are hands.",
            at_most=0.5,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Lines that nobody owns: an export of the CRM lost its account managers.",
            at_most=2,
        ),
        warns(
            "expected_loss_amount__mean__drift",
            "What is at stake is valued in another way, or at a wrong rate.",
            at_least=0.3,
            at_most=3,
        ),
    ],
)
