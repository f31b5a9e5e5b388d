"""An export of campaigns can be read, with budgets and windows as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.marketing_campaigns",
    expectations=[
        *every_batch(event="started_on", is_steady=False),
        warns(
            "budget__mean__drift",
            "Cents or thousands instead of units.",
            at_least=0.05,
            at_most=20,
        ),
        warns(
            "actual_cost__mean__drift",
            "Cents or thousands instead of units.",
            at_least=0.05,
            at_most=20,
        ),
        warns(
            "attribution_days__mean__drift",
            "Hours instead of days: a campaign would claim every later order.",
            at_least=0.1,
            at_most=10,
        ),
    ],
)
