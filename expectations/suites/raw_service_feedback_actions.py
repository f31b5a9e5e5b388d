"""An export of what feedback led to can be read, and closes loops as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.service_feedback_actions",
    expectations=[
        *every_batch(event="decided_at"),
        warns(
            "subject_type__share__survey__drift",
            "Answers to surveys no longer lead to anything, or alone do.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "theme__null_share__drift",
            "Feedback that nobody sorts any more: themes would be empty.",
            at_most=5,
        ),
        warns(
            "done_at__null_share__drift",
            "Decisions that nobody carries out, or a column that moved.",
            at_most=3,
        ),
        warns(
            "told_customer_at__null_share__drift",
            "Customers are no longer told what came of it, or a column moved.",
            at_most=2,
        ),
    ],
)
