"""The lists of customers to sell to are as long as they were, and each is there."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.customer_opportunity_lists",
    expectations=[
        warns(
            "row_count__drift",
            "A number of a list was set by a factor, or purchases are missing.",
            at_least=0.3,
            at_most=3,
        ),
        warns(
            "list_code__share__second_purchase__drift",
            "First purchases went missing, or customers were split in two.",
            at_least=0.3,
            at_most=3,
        ),
        warns(
            "list_code__share__about_to_fall__drift",
            "Many more are to fall: spend is missing, or a stay bar moved.",
            at_most=3,
        ),
        warns(
            "has_address__mean__drift",
            "Fewer can be reached by the ways named: addresses went missing.",
            at_least=0.7,
        ),
    ],
)
