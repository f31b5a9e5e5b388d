"""Order lines are as many, as large and as dear as they were."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.order_lines",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes="Lines do not vanish: a feed is missing, or came twice.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="product_id__distinct_count__drift",
            min_value=0.7,
            max_value=2,
            severity="warning",
            notes="Products left out, or numbered anew; the count is approximate.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="quantity__mean__drift",
            min_value=0.7,
            max_value=1.5,
            severity="warning",
            notes="Pieces instead of boxes.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="line_amount__mean__drift",
            min_value=0.7,
            max_value=1.5,
            severity="warning",
            notes="Amounts were lost, or exchanged at a wrong rate.",
        ),
    ],
)
