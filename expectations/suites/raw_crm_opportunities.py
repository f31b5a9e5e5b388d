"""An export of opportunities can be read, as large and as often won as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_opportunities",
    expectations=[
        *every_batch(event="opened_at"),
        warns(
            "amount__mean__drift",
            "Cents instead of units, or thousands instead of units.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "stage__share__won__drift",
            "A stage that changed its meaning, or only one stage exported.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "stage__share__lost__drift",
            "A wave of lost deals is news, or a stage that changed its meaning.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "closed_at__null_share__drift",
            "Deals that nobody closes: their stage would never be counted.",
            at_most=5,
        ),
    ],
)
