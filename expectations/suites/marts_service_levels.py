"""Tickets are answered and resolved in time as often as they were."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.service_levels",
    expectations=[
        warns(
            "row_count__drift",
            "Months or teams went missing, or came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "ticket_count__mean__drift",
            "Tickets were lost, or counted twice.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "response_share__mean__drift",
            "All months together move slowly; a changed promise or calendar does not.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "resolution_share__mean__drift",
            "All months together move slowly; a changed promise or calendar does not.",
            at_least=0.8,
            at_most=1.25,
        ),
        warns(
            "median_first_response_hours__mean__drift",
            "Another zone or calendar: nights are counted as business hours.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
