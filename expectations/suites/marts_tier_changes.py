"""Tiers change as often as they did, mostly by policy and seldom by hand."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.tier_changes",
    expectations=[
        warns(
            "row_count__drift",
            "History was restated: a policy or a feed changed what had been decided.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "is_override__mean",
            "One change in five by hand: the policy no longer decides.",
            at_most=0.2,
        ),
        warns(
            "reason_code__share__demoted__drift",
            "A wave of falls: a feed is missing, or a bar moved.",
            at_least=0.5,
            at_most=1.5,
        ),
        warns(
            "reason_code__share__promoted__drift",
            "A wave of rises: a bar moved, or value is counted twice.",
            at_least=0.5,
            at_most=1.5,
        ),
    ],
)
