"""Service requests grow, and are answered and closed as they were."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.service_tickets",
    expectations=[
        warns(
            "row_count__drift",
            "Requests do not vanish: a feed is missing, or customers are.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "is_open__mean__drift",
            "A backlog grows, or resolutions are missing.",
            at_most=2,
        ),
        warns(
            "waiting_minutes__mean__drift",
            "Service got slower, or a unit changed.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
