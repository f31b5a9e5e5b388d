"""An export of invitations can be read, and says who was asked."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.survey_invitations",
    expectations=[
        *every_batch(event="asked_at"),
        warns(
            "source_customer_id__null_share__drift",
            "Invitations lost their customers: answers would belong to nobody.",
            at_most=5,
        ),
    ],
)
