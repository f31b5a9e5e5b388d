"""An export of training can be read, and as many complete it as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.service_training",
    expectations=[
        *every_batch(event="invited_at"),
        warns(
            "mode__share__online__drift",
            "A mode that changed its meaning, or one that was left out.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "completed_at__null_share__drift",
            "Nobody completes a training: completion is no longer recorded.",
            at_most=3,
        ),
        warns(
            "usefulness__mean__drift",
            "A scale that changed from 5 to 10 doubles the mean.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
