"""Scores of churn are spread as they were, and few are near certain."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.churn_scores",
    expectations=[
        warns(
            "row_count__drift",
            "Evaluations do not vanish: orders are missing, or a month came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "is_eligible__mean__drift",
            "Far fewer, or more, are used to buying: orders are missing or doubled.",
            at_least=0.7,
            at_most=1.4,
        ),
        warns(
            "churn_probability__mean__drift",
            "The model changed, or a feed that it weighs is missing.",
            at_least=0.7,
            at_most=1.4,
        ),
        warns(
            "value_at_risk_amount__mean__drift",
            "Probabilities or revenue moved: a feed or a rate is wrong.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
