"""An export of customers holds rows that can be read, of the usual kinds."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_customers",
    expectations=[
        *every_batch(event="created_at", may_be_empty=False),
        warns(
            "customer_type__share__company__drift",
            "Companies left out, or everybody called one, by a new filter.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "id_in_shop__null_share__drift",
            "The bridge to the shop was lost: orders would find no customer.",
            at_most=5,
        ),
        warns(
            "status__share__terminated__drift",
            "A wave of leavings is news, or a column that moved.",
            at_most=5,
        ),
    ],
)
