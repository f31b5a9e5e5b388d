"""Feedback is raised, answered and told as it was."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.feedback_loop",
    expectations=[
        warns(
            "row_count__drift",
            "Feedback does not vanish: answers, tickets or contacts are missing.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "status__share__told__drift",
            "Loops reopened: what was done about feedback did not arrive.",
            at_least=0.7,
        ),
        warns(
            "is_overdue__mean__drift",
            "Suddenly overdue: actions did not arrive, or a limit moved.",
            at_most=1.5,
        ),
        warns(
            "is_closed_in_time__mean__drift",
            "Closed in time less often in all: actions lost their times.",
            at_least=0.7,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Feedback of customers whom nobody owns: nobody answers it.",
            at_most=2,
        ),
    ],
)
