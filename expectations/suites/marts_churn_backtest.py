"""What was looked back at does not shrink, and as many leave as did."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_backtest",
    expectations=[
        warns(
            "row_count__drift",
            "Month ends, rankings or segments went missing, or came apart.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "lost_count__mean__drift",
            "Far more, or fewer, bought nothing: orders are missing or doubled.",
            at_least=0.6,
            at_most=1.6,
        ),
    ],
)
