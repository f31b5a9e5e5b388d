"""An export of interactions can be read, and tells of contacts as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_interactions",
    expectations=[
        *every_batch(event="planned_at"),
        warns(
            "duration_minutes__mean__drift",
            "Seconds or hours instead of minutes move the mean sixtyfold.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "done_at__null_share__drift",
            "Contacts planned and not closed: nobody keeps the CRM, or a column moved.",
            at_most=5,
        ),
        warns(
            "purpose__share__complaint__drift",
            "A wave of complaints is news, or a code that changed its meaning.",
            at_most=5,
        ),
    ],
)
