"""As many are lost as were, and as often somebody says why."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_reasons",
    expectations=[
        warns(
            "row_count__drift",
            "Losses went missing, or reasons came apart into spellings.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "stated_count__mean__drift",
            "Exit surveys, terminations or lost deals are missing.",
            at_least=0.6,
        ),
        warns(
            "value_lost_amount__mean__drift",
            "Purchases are missing or doubled, or a rate is wrong.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
