"""Tiers are spread over customers as they were, and the top one stays small."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_tiers",
    expectations=[
        warns(
            "row_count__drift",
            "Evaluations do not vanish: orders are missing, or a month came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "tier_code__share__diamond",
            "More than one in eight at the top: its bar no longer sets apart.",
            at_most=0.12,
        ),
        warns(
            "tier_code__share__diamond__drift",
            "Bars moved, or the value of customers did: a rate or a contract is wrong.",
            at_least=0.6,
            at_most=1.6,
        ),
        warns(
            "reason_code__share__held__drift",
            "Many live on protection: scores fell for want of a feed.",
            at_most=2,
        ),
        warns(
            "reason_code__share__demoted__drift",
            "Many fell: scores sank for want of a feed, or the policy is harder.",
            at_most=2,
        ),
        warns(
            "score__mean__drift",
            "A criterion lost its feed, or its scale was changed.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "value_points__mean__drift",
            "Revenue or contracts are missing, or valued at a wrong rate.",
            at_least=0.8,
            at_most=1.25,
        ),
    ],
)
