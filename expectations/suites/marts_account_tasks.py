"""What is to be done is about as much as it was, owned, and gets done."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.account_tasks",
    expectations=[
        warns(
            "row_count__drift",
            "A source of tasks fell away, or a wave of them came.",
            at_least=0.3,
            at_most=3,
        ),
        warns(
            "is_overdue__mean",
            "Nearly all is overdue: there is more to be done than there are hands.",
            at_most=0.9,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Tasks that nobody owns: an export of the CRM lost its account managers.",
            at_most=2,
        ),
    ],
)
