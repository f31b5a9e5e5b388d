"""Answers grow, and are on the whole as content as they were."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.survey_responses",
    expectations=[
        warns(
            "row_count__drift",
            "Answers do not vanish: a feed is missing.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "customer_key__null_share__drift",
            "Answers lost their customers: invitations or the CRM are missing.",
            at_most=2,
        ),
        warns(
            "score_share__mean__drift",
            "All answers together move slowly; a changed scale does not.",
            at_least=0.8,
            at_most=1.25,
        ),
    ],
)
