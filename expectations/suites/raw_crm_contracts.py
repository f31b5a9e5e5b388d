"""An export of contracts can be read, with amounts and ends as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_contracts",
    expectations=[
        *every_batch(event="starts_on"),
        warns(
            "amount__mean__drift",
            "Cents instead of units, or the sum of all years instead of one.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "amount__null_share__drift",
            "Contracts without amounts: firms valued by them would lose their tier.",
            at_most=5,
        ),
        warns(
            "terminated_at__null_share__drift",
            "A wave of terminations is news, or a column that moved.",
            at_least=0.5,
        ),
        warns(
            "renewed_from_id__null_share__drift",
            "Renewals lost what they renew: a kept customer looks like a lost one.",
            at_most=2,
        ),
    ],
)
