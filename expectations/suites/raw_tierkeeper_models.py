"""Parameters of models brought along can be read."""

import great_expectations as gx

from expectations.limits import every_batch

suite = gx.ExpectationSuite(
    name="raw.tierkeeper_models",
    expectations=every_batch(event="serves_from", is_steady=False),
)
