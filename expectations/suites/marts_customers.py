"""Customers grow slowly, and buy from night to night as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customers",
    expectations=[
        warns(
            "row_count__drift",
            "Customers do not vanish: a feed is missing, or identity merged strangers.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "record_count__max__drift",
            "A shared phone or a placeholder e-mail merges strangers into one.",
            at_most=3,
        ),
        warns(
            "is_inferred__mean__drift",
            "Orders of customers whom the CRM does not know: its export is late.",
            at_most=2,
        ),
        warns(
            "region__null_share__drift",
            "An attribute that its source stopped to deliver.",
            at_most=2,
        ),
        warns(
            "has_marketing_consent__mean__drift",
            "Consent does not come or go at once; a default does.",
            at_least=0.7,
            at_most=1.4,
        ),
        warns(
            "order_count__mean__drift",
            "Orders were lost, or joined twice.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "net_revenue_amount__mean__drift",
            "Revenue was lost, joined twice, or exchanged at a wrong rate.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "tier_code__share__diamond__drift",
            "A bar or the value of customers moved: a feed or a rate is wrong.",
            at_least=0.6,
            at_most=1.6,
        ),
        warns(
            "lifecycle_stage__share__lost__drift",
            "A wave of losses is one of missing orders or contracts.",
            at_most=1.5,
        ),
        warns(
            "warning_level__null_share__drift",
            "A wave of warnings: an indicator lost its feed, and fires for everybody.",
            at_least=0.8,
        ),
    ],
)
