"""An export of benefits can be read, as dear and as often used as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.loyalty_benefits",
    expectations=[
        *every_batch(event="granted_at"),
        warns(
            "cost__mean__drift",
            "Cents instead of units, or a discount in percent instead of money.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "used_at__null_share__drift",
            "Use of benefits is no longer recorded.",
            at_most=3,
        ),
    ],
)
