"""What has been decided stays, and a night adds little to it."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_decisions",
    expectations=[
        warns(
            "row_count__drift",
            "The ledger only grows: lines are missing, or were appended twice.",
            at_least=0.95,
            at_most=1.5,
        ),
    ],
)
