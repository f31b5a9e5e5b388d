"""Records grow slowly, and resolve into customers in the usual proportion."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.customer_identities",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes="Records do not vanish: a feed is missing.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="customer_key__distinct_count__drift",
            min_value=0.8,
            max_value=1.5,
            severity="warning",
            notes=(
                "A rule of identity merges strangers, or no longer finds anybody; "
                "the count is approximate."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_in_crm__mean__drift",
            min_value=0.5,
            max_value=2,
            severity="warning",
            notes="The CRM lags behind the shop, or the shop is missing.",
        ),
    ],
)
