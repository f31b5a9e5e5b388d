"""Contacts with customers grow, and as many of the planned ones are kept."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.interactions",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes="Contacts do not vanish: a feed is missing, or customers are.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_done__mean__drift",
            min_value=0.7,
            max_value=1.4,
            severity="warning",
            notes="Plans that nobody closes, or plans that are missing.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="duration_minutes__mean__drift",
            min_value=0.5,
            max_value=2,
            severity="warning",
            notes="Seconds or hours instead of minutes.",
        ),
    ],
)
