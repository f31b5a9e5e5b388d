"""No month of warnings goes missing, and some are left alone in each."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_warning_effect",
    expectations=[
        warns(
            "row_count__drift",
            "Months of warnings went missing: the ledger of decisions is not whole.",
            at_least=0.9,
        ),
        warns(
            "control_count__mean",
            "Without controls nobody learns what acting on warnings is worth.",
            at_least=1,
        ),
    ],
)
