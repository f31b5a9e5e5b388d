"""Customers grow slowly, and buy from night to night as they did."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.customers",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes=(
                "Customers do not vanish: a feed is missing, or identity merged "
                "strangers."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="record_count__max__drift",
            max_value=3,
            severity="warning",
            notes="A shared phone or a placeholder e-mail merges strangers into one.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_inferred__mean__drift",
            max_value=2,
            severity="warning",
            notes=(
                "Orders of customers whom the CRM does not know: its export is late."
            ),
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="region__null_share__drift",
            max_value=2,
            severity="warning",
            notes="An attribute that its source stopped to deliver.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="has_marketing_consent__mean__drift",
            min_value=0.7,
            max_value=1.4,
            severity="warning",
            notes="Consent does not come or go at once; a default does.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="order_count__mean__drift",
            min_value=0.7,
            max_value=1.5,
            severity="warning",
            notes="Orders were lost, or joined twice.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="net_revenue_amount__mean__drift",
            min_value=0.7,
            max_value=1.5,
            severity="warning",
            notes="Revenue was lost, joined twice, or exchanged at a wrong rate.",
        ),
    ],
)
