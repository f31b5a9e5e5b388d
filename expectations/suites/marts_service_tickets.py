"""Service requests grow, and are answered and closed as they were."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="marts.service_tickets",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.9,
            max_value=1.5,
            severity="warning",
            notes="Requests do not vanish: a feed is missing, or customers are.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_open__mean__drift",
            max_value=2,
            severity="warning",
            notes="A backlog grows, or resolutions are missing.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="waiting_minutes__mean__drift",
            min_value=0.5,
            max_value=2,
            severity="warning",
            notes="Service got slower, or a unit changed.",
        ),
    ],
)
