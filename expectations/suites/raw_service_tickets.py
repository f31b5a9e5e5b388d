"""An export of tickets can be read, and tells of service as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.service_tickets",
    expectations=[
        *every_batch(event="opened_at"),
        warns(
            "kind__share__complaint__drift",
            "A wave of complaints is news, or a code that changed its meaning.",
            at_most=5,
        ),
        warns(
            "waiting_minutes__mean__drift",
            "Seconds or hours instead of minutes move the mean sixtyfold.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "handling_minutes__mean__drift",
            "Seconds or hours instead of minutes move the mean sixtyfold.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "resolved_at__null_share__drift",
            "Tickets left open: a backlog, or a column that moved.",
            at_most=5,
        ),
    ],
)
