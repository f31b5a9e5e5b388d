"""An export of staff can be read, with account managers, capacity and cost as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_staff",
    expectations=[
        *every_batch(),
        warns(
            "role__share__account_manager__drift",
            "Hardly an account manager is left: warnings would have no owner.",
            at_least=0.2,
        ),
        warns(
            "weekly_capacity__mean__drift",
            "Hours instead of customers: capacity cuts the worklist.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "cost_per_hour__mean__drift",
            "A cost a month instead of an hour.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "left_on__null_share__drift",
            "Most of the staff left at once: a column moved.",
            at_least=0.5,
        ),
    ],
)
