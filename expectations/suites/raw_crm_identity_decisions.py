"""An export of words on who is who can be read, and does not merge half the base."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_identity_decisions",
    expectations=[
        *every_batch(event="decided_at", is_steady=False),
        warns(
            "row_count__drift",
            "Twenty times the usual words on records: a rule by hand, so write a rule.",
            at_most=20,
        ),
    ],
)
