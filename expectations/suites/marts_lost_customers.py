"""Losses are as many, as dear and of the kinds that they were."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.lost_customers",
    expectations=[
        warns(
            "row_count__drift",
            "Purchases or renewals are missing, or the limit of silence moved.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "loss_kind__share__terminated__drift",
            "Terminations are no longer told, or everybody was set to terminated.",
            at_least=0.5,
            at_most=2,
        ),
        warns(
            "value_lost_amount__mean__drift",
            "What a loss costs is valued in another way, or at a wrong rate.",
            at_least=0.5,
            at_most=2,
        ),
        warns(
            "is_won_back__mean__drift",
            "Returns of customers went missing, or a late feed brought everybody back.",
            at_least=0.5,
            at_most=2,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Lost customers without an account manager: nobody wins them back.",
            at_most=1.5,
        ),
    ],
)
