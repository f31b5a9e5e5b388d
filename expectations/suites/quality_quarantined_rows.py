"""The quarantine does not fill suddenly."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="quality.quarantined_rows",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            max_value=2,
            severity="warning",
            notes="Bad rows doubled: a source changed, or a rule did.",
        ),
    ],
)
