"""An export of Online Retail holds lines that can be read, sold at the usual prices."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.online_retail_sales",
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
            column="row_count__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Half an export, or the whole history again.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="Quantity__mean__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Returns alone, or a stock list instead of sales.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="UnitPrice__mean__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Pence instead of pounds move the mean a hundredfold.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="CustomerID__null_share__drift",
            max_value=2,
            severity="warning",
            notes="A quarter of the lines name nobody; half of them would be news.",
        ),
    ],
)
