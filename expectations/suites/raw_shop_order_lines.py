"""An export of order lines can be read, at the usual prices and quantities."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.shop_order_lines",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="unparsed_share",
            max_value=0.5,
            strict_max=True,
            notes="Half of the lines unreadable: the file is cut or of another form.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Half an export, or a whole history instead of the news.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="quantity__mean__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Pieces instead of boxes, or a product number as the quantity.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="unit_price__mean__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Cents instead of units move the mean a hundredfold.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="returned_quantity__mean__drift",
            max_value=5,
            severity="warning",
            notes="A wave of returns is news: a recall, or a fault of a product.",
        ),
    ],
)
