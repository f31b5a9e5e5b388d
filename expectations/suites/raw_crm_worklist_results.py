"""An export of what came of warnings can be read, and reaches customers as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_worklist_results",
    expectations=[
        *every_batch(event="done_at", is_steady=False),
        warns(
            "outcome__share__no_answer__drift",
            "Nobody answers: phone numbers were lost, or results are typed in bulk.",
            at_most=5,
        ),
        warns(
            "outcome__share__rejected__drift",
            "Account managers turn warnings down: an indicator cries wolf.",
            at_most=5,
        ),
        warns(
            "staff_id__null_share__drift",
            "Results without their author: whose work paid off cannot be told.",
            at_most=5,
        ),
    ],
)
