"""A night's orders are neither none nor wildly dearer than a shop's can be."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.shop_orders",
    expectations=[
        *every_batch(event="ordered_at", may_be_empty=False),
        warns(
            "gross_amount__mean",
            "Usual in dong or rupiah; in another currency a column that moved.",
            at_most=10_000_000,
        ),
        warns(
            "gross_amount__mean__drift",
            "Cents instead of units move the mean a hundredfold.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "source_customer_id__null_share__drift",
            "Orders lost their customers: a login that broke looks like this.",
            at_most=5,
        ),
        warns(
            "status__share__cancelled__drift",
            "A wave of cancellations is news, or a code that changed its meaning.",
            at_most=5,
        ),
    ],
)
