"""Orders are there, in the base currency, and as many and as dear as they were."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.orders",
    expectations=[
        warns(
            "row_count",
            "Right for a firm that delivers customers only, and for no other.",
            at_least=1,
        ),
        warns(
            "customer_key__null_share",
            "Not one order has a customer: right for a shop of guests only.",
            below=1,
        ),
        warns(
            "missing_amount_reason__null_share",
            "Most orders have no amount, for want of exchange rates.",
            at_least=0.5,
        ),
        warns(
            "counts_as_purchase__mean",
            "Nearly everything cancelled: a status changed its meaning.",
            at_least=0.2,
        ),
        warns(
            "row_count__drift",
            "Orders do not vanish: a feed is missing, or came twice under new keys.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "customer_key__null_share__drift",
            "Orders lost their customers: the bridge from shop to CRM broke.",
            at_most=2,
        ),
        warns(
            "net_amount__mean__drift",
            "Revenue was lost, or exchanged at a wrong rate.",
            at_least=0.7,
            at_most=1.5,
        ),
    ],
)
