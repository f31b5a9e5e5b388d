"""Audiences are as large as they were, in every group of tags."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_tags",
    expectations=[
        warns(
            "row_count__drift",
            "A group of tags was switched off, or what it is made of is missing.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "tag_code__distinct_count__drift",
            "Whole groups of tags are gone: their source or their numbers are.",
            at_least=0.7,
        ),
    ],
)
