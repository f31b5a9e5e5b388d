"""Records that tell of the same customer agree as often as they did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_attributes",
    expectations=[
        warns(
            "row_count__drift",
            "Identity joins strangers, or a source that told of customers is missing.",
            at_least=0.8,
            at_most=1.5,
        ),
        warns(
            "is_conflicting__mean__drift",
            "Sources fall apart: one is stale, or strangers were merged.",
            at_most=2,
        ),
        warns(
            "teller_count__max__drift",
            "A shared contact makes strangers one customer of many records.",
            at_most=3,
        ),
    ],
)
