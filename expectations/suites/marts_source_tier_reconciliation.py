"""The CRM's grades and our tiers part no faster than they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.source_tier_reconciliation",
    expectations=[
        warns(
            "row_count__drift",
            "Grades or tiers went missing, or new ones came.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "is_mapped__mean__drift",
            "The CRM grades by a new list: map it in source_tiers.csv.",
            at_least=0.7,
        ),
    ],
)
