"""An export of tickets can be read, and tells of service as usual."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.service_tickets",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="unparsed_share",
            max_value=0.5,
            strict_max=True,
            notes="Half of the lines unreadable: the file is cut or of another form.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Half an export, or a whole history instead of the news.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="kind__share__complaint__drift",
            max_value=5,
            severity="warning",
            notes="A wave of complaints is news, or a code that changed its meaning.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="waiting_minutes__mean__drift",
            min_value=0.1,
            max_value=10,
            severity="warning",
            notes="Seconds or hours instead of minutes move the mean sixtyfold.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="handling_minutes__mean__drift",
            min_value=0.1,
            max_value=10,
            severity="warning",
            notes="Seconds or hours instead of minutes move the mean sixtyfold.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="resolved_at__null_share__drift",
            max_value=5,
            severity="warning",
            notes="Tickets left open: a backlog, or a column that moved.",
        ),
    ],
)
