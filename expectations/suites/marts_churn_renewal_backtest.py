"""As many contracts run on as did, and as many as were foretold to."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_renewal_backtest",
    expectations=[
        warns(
            "row_count__drift",
            "Month ends or classes went missing.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "customer_count__mean__drift",
            "Contracts are missing or doubled.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "foretold_share__mean__drift",
            "Far more, or fewer, were not renewed: renewals came late, or twice.",
            at_least=0.6,
            at_most=1.6,
        ),
    ],
)
