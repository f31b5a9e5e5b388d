"""Links brought along can be read, and are more likely right than wrong."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.tierkeeper_links",
    expectations=[
        *every_batch(event="serves_from", is_steady=False),
        warns(
            "match_probability__mean",
            "Links that are more likely wrong than right: a model of another kind.",
            at_least=0.5,
        ),
    ],
)
