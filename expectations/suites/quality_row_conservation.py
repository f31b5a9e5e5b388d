"""Files have landed, and most of their rows are good."""

import great_expectations as gx

from expectations.limits import blocks, warns

suite = gx.ExpectationSuite(
    name="quality.row_conservation",
    expectations=[
        blocks(
            "row_count",
            "A warehouse of no file at all is a fault.",
            at_least=1,
        ),
        blocks(
            "quarantined_count__share",
            "Most rows set aside: a feed is mapped to the wrong columns.",
            at_most=0.5,
        ),
        warns(
            "quarantined_count__share",
            "One row in twenty set aside: somebody should look.",
            at_most=0.05,
        ),
        warns(
            "quarantined_count__share__drift",
            "A source began to deliver what our rules do not know.",
            at_most=2,
        ),
    ],
)
