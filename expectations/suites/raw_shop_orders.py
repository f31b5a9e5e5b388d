"""A night's orders are neither none nor wildly dearer than a shop's can be."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.shop_orders",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count", min_value=1, notes="An export without a row is a fault."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="gross_amount__mean",
            min_value=0.01,
            max_value=10_000_000,
            notes="Amounts in cents, or a column shifted by one, would be far outside.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
        ),
    ],
)
