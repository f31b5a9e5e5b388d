"""An export of further measures can be read, in the usual units."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_measures",
    expectations=[
        *every_batch(event="measured_on"),
        warns(
            "value__mean__drift",
            "A unit that changed, or a measure left out.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "value__stddev__drift",
            "One value for everybody: a default instead of a measurement.",
            at_least=0.1,
        ),
    ],
)
