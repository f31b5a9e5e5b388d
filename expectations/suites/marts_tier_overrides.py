"""A handful of tiers are set by hand, to some effect, by whom we know and may ask."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.tier_overrides",
    expectations=[
        warns(
            "row_count__drift",
            "Ten times the usual overrides are a policy by hand: change the policy.",
            at_most=10,
        ),
        warns(
            "is_approver_known__mean",
            "Overrides that nobody whom we know approved, or staff are not exported.",
            at_least=0.9,
        ),
        warns(
            "status_code__share__no_effect",
            "Overrides that say nothing: wrong numbers of customers, or tiers that "
            "the policy does not have.",
            at_most=0.2,
        ),
        warns(
            "direction__share__lower",
            "Most take customers down: what was a favour is out of date.",
            at_most=0.5,
        ),
    ],
)
