"""As many occasions to greet are near as usual, owned, and greeted on."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.care_calendar",
    expectations=[
        warns(
            "row_count__drift",
            "Birthdays, consent or tiers fell away, or a line greets everybody; "
            "a festival alone brings a few times as many.",
            at_least=0.1,
            at_most=10,
        ),
        warns(
            "is_missed__mean",
            "Most were missed: nobody greets, or nobody writes it down.",
            at_most=0.6,
        ),
        warns(
            "owner_staff_id__null_share__drift",
            "Occasions that nobody owns: the CRM's export lost its account managers.",
            at_most=2,
        ),
    ],
)
