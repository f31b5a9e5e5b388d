"""An export of customers holds rows that can be read, of the usual kinds."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.crm_customers",
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
            notes="Half an export, or all customers instead of the changed ones.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="customer_type__share__company__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Companies left out, or everybody called one, by a new filter.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="id_in_shop__null_share__drift",
            max_value=5,
            severity="warning",
            notes="The bridge to the shop was lost: orders would find no customer.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="status__share__terminated__drift",
            max_value=5,
            severity="warning",
            notes="A wave of leavings is news, or a column that moved.",
        ),
    ],
)
