"""Answers grow, and are on the whole as content as they were."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.survey_responses",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes="Answers do not vanish: a feed is missing.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="customer_key__null_share__drift",
            max_value=2,
            severity="warning",
            notes="Answers lost their customers: invitations or the CRM are missing.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="score_share__mean__drift",
            min_value=0.8,
            max_value=1.25,
            severity="warning",
            notes="All answers together move slowly; a changed scale does not.",
        ),
    ],
)
