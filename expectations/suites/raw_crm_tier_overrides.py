"""An export of overrides can be read, and sets a handful of tiers by hand."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_tier_overrides",
    expectations=[
        *every_batch(event="valid_from", is_steady=False),
        warns(
            "row_count__drift",
            "Ten times the usual overrides are a policy by hand: change the policy.",
            at_most=10,
        ),
    ],
)
