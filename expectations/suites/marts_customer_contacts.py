"""Persons at companies stay, and consent does not come or go at once."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_contacts",
    expectations=[
        warns(
            "row_count__drift",
            "Contacts do not vanish: half an export.",
            at_least=0.8,
            at_most=1.5,
        ),
        warns(
            "customer_key__null_share__drift",
            "Companies of contacts went missing, or lost their type.",
            at_most=2,
        ),
        warns(
            "has_marketing_consent__mean__drift",
            "A default of the form: everybody consents, or nobody.",
            at_least=0.7,
            at_most=1.4,
        ),
    ],
)
