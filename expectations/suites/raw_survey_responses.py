"""An export of survey answers can be read, and its scores lie where they used to."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.survey_responses",
    expectations=[
        *every_batch(event="responded_at"),
        warns(
            "score__mean__drift",
            "A survey that changed its scale from 5 to 10 doubles the mean.",
            at_least=0.5,
            at_most=2,
        ),
        warns(
            "score__stddev__drift",
            "A form that sends its own default gives answers all alike.",
            at_least=0.2,
        ),
        warns(
            "survey_type__share__nps__drift",
            "A survey that stopped, or a type that changed its meaning.",
            at_least=0.2,
            at_most=5,
        ),
    ],
)
