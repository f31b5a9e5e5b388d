"""The quarantine does not fill suddenly."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="quality.quarantined_rows",
    expectations=[
        warns(
            "row_count__drift",
            "Bad rows doubled: a source changed, or a rule did.",
            at_most=2,
        ),
    ],
)
