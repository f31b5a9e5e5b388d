"""An export of order lines can be read, at the usual prices and quantities."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.shop_order_lines",
    expectations=[
        *every_batch(),
        warns(
            "quantity__mean__drift",
            "Pieces instead of boxes, or a product number as the quantity.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "unit_price__mean__drift",
            "Cents instead of units move the mean a hundredfold.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "returned_quantity__mean__drift",
            "A wave of returns is news: a recall, or a fault of a product.",
            at_most=5,
        ),
    ],
)
