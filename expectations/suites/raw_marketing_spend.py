"""An export of spend can be read, as dear and for the same purposes as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.marketing_spend",
    expectations=[
        *every_batch(),
        warns(
            "spend__mean__drift",
            "Thousands instead of units, or a year instead of a month.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "purpose__share__acquisition__drift",
            "A purpose that changed its meaning moves the cost of a new customer.",
            at_least=0.2,
            at_most=5,
        ),
    ],
)
