"""Files have landed, and most of their rows are good."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="quality.row_conservation",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count",
            min_value=1,
            notes="A warehouse of no file at all is a fault.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="quarantined_count__share",
            max_value=0.5,
            notes="Most rows set aside: a feed is mapped to the wrong columns.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="quarantined_count__share",
            max_value=0.05,
            severity="warning",
            notes="One row in twenty set aside: somebody should look.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="quarantined_count__share__drift",
            max_value=2,
            severity="warning",
            notes="A source began to deliver what our rules do not know.",
        ),
    ],
)
