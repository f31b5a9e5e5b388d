"""As many groups are large enough to compare as were, and few of them fare worse."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.tier_fairness",
    expectations=[
        warns(
            "row_count__drift",
            "An attribute or its groups went missing, or came apart into spellings.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "is_enough__mean__drift",
            "Fewer groups can be compared: an attribute came apart into small ones.",
            at_least=0.7,
        ),
        warns(
            "is_flagged__mean",
            "So many groups at once are less a bias than a measure that is off.",
            at_most=0.1,
        ),
    ],
)
