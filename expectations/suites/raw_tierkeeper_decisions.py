"""A night's decisions can be read, and neither spare nor alarm everybody."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.tierkeeper_decisions",
    expectations=[
        *every_batch(event="decided_on", is_steady=False),
        warns(
            "is_control__mean__drift",
            "Many more warnings left without action than the policy spares.",
            at_most=5,
        ),
        warns(
            "level__share__red__drift",
            "Many more are urgent than usual: a threshold or a feed changed.",
            at_most=5,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Decisions about customers whom nobody owns: nobody will act.",
            at_most=5,
        ),
        warns(
            "expected_loss_amount__mean__drift",
            "What is at stake is valued in another way than on the nights before.",
            at_least=0.1,
            at_most=10,
        ),
    ],
)
