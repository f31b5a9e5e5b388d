"""An export of Online Retail holds lines that can be read, sold at the usual prices."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.online_retail_sales",
    expectations=[
        *every_batch(event="InvoiceDate", may_be_empty=False),
        warns(
            "Quantity__mean__drift",
            "Returns alone, or a stock list instead of sales.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "UnitPrice__mean__drift",
            "Pence instead of pounds move the mean a hundredfold.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "CustomerID__null_share__drift",
            "A quarter of the lines name nobody; half of them would be news.",
            at_most=2,
        ),
    ],
)
