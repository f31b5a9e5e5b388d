"""Records grow slowly, and resolve into customers in the usual proportion."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_identities",
    expectations=[
        warns(
            "row_count__drift",
            "Records do not vanish: a feed is missing.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "customer_key__distinct_count__drift",
            "A rule of identity merges strangers, or finds nobody (approximate count).",
            at_least=0.8,
            at_most=1.5,
        ),
        warns(
            "is_in_crm__mean__drift",
            "The CRM lags behind the shop, or the shop is missing.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
