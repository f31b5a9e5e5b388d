"""What is known of customers changes as often as it did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customers_history",
    expectations=[
        warns(
            "row_count__drift",
            "Versions vanished, or an export dates every record anew.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "is_current__mean__drift",
            "Customers change at once as never before: a column was refilled.",
            at_least=0.7,
        ),
    ],
)
