"""Orders are there, in the base currency, and as many and as dear as they were."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.orders",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="gross_amount__mean",
            max_value=1_000_000_000_000,
            notes=(
                "More than any order in any currency: a rate or an amount is garbage."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count",
            min_value=1,
            severity="warning",
            notes="Right for a firm that delivers customers only, and for no other.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="customer_key__null_share",
            max_value=1,
            strict_max=True,
            severity="warning",
            notes="Not one order has a customer: right for a shop of guests only.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="missing_amount_reason__null_share",
            min_value=0.5,
            severity="warning",
            notes="Most orders have no amount, for want of exchange rates.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="counts_as_purchase__mean",
            min_value=0.2,
            severity="warning",
            notes="Nearly everything cancelled: a status changed its meaning.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes=(
                "Orders do not vanish: a feed is missing, or came twice under new keys."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="customer_key__null_share__drift",
            max_value=2,
            severity="warning",
            notes="Orders lost their customers: the bridge from shop to CRM broke.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="net_amount__mean__drift",
            min_value=0.7,
            max_value=1.5,
            severity="warning",
            notes="Revenue was lost, or exchanged at a wrong rate.",
        ),
    ],
)
