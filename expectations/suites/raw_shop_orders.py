"""A night's orders are neither none nor wildly dearer than a shop's can be."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.shop_orders",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count",
            min_value=1,
            notes="An export without a row is a fault.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="unparsed_share",
            max_value=0.5,
            strict_max=True,
            notes="Half of the lines unreadable: the file is cut or of another form.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="gross_amount__mean",
            max_value=1_000_000_000_000,
            notes=(
                "More than any order in any currency: an order number as the amount."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="gross_amount__mean",
            max_value=10_000_000,
            severity="warning",
            notes="Usual in dong or rupiah; in another currency a column that moved.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="ordered_at__newest",
            min_value=946_684_800,
            severity="warning",
            notes="No order since 2000: the century or the unit of a time is wrong.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Half an export, or a whole history instead of the news.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="gross_amount__mean__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Cents instead of units move the mean a hundredfold.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="source_customer_id__null_share__drift",
            max_value=5,
            severity="warning",
            notes="Orders lost their customers: a login that broke looks like this.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="status__share__cancelled__drift",
            max_value=5,
            severity="warning",
            notes=(
                "A wave of cancellations is news, or a code that changed its meaning."
            ),
        ),
    ],
)
