"""An export of requests to be forgotten can be read, and does not name everybody."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_erasure_requests",
    expectations=[
        *every_batch(event="requested_at", is_steady=False),
        warns(
            "row_count__drift",
            "Twenty times the usual requests: a list of customers instead of requests.",
            at_most=20,
        ),
    ],
)
