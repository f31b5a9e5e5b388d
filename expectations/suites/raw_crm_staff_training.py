"""An export of staff training can be read, and marked on the usual scale."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_staff_training",
    expectations=[
        *every_batch(event="completed_at", is_steady=False),
        warns(
            "score__mean__drift",
            "A course marked out of 5 instead of 100, or the other way round.",
            at_least=0.2,
            at_most=5,
        ),
    ],
)
