"""An export of invoices can be read, as large and as often paid as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.finance_invoices",
    expectations=[
        *every_batch(event="issued_on"),
        warns(
            "amount__mean__drift",
            "Cents instead of units, or lines instead of invoices.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "paid_on__null_share__drift",
            "A run of payments is missing: everybody would look like a bad payer.",
            at_most=3,
        ),
        warns(
            "paid_amount__mean__drift",
            "Instalments instead of sums paid, or cents instead of units.",
            at_least=0.2,
            at_most=5,
        ),
    ],
)
