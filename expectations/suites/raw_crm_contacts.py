"""An export of contacts can be read, and says who decides and how to reach them."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.crm_contacts",
    expectations=[
        *every_batch(),
        warns(
            "is_decision_maker__mean__drift",
            "A default of the form: everybody decides, or nobody.",
            at_least=0.2,
            at_most=3,
        ),
        warns(
            "phone__null_share__drift",
            "Nobody can be called any more: a column moved, or was withheld.",
            at_most=5,
        ),
        warns(
            "email__null_share__drift",
            "Nobody can be written to any more: a column moved, or was withheld.",
            at_most=5,
        ),
    ],
)
