"""An export of activity can be read, and customers are as active as usual."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.shop_activity",
    expectations=[
        *every_batch(event="activity_date"),
        warns(
            "sessions__mean__drift",
            "Visits that are no longer recorded, or robots counted as customers.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "page_views__mean__drift",
            "A tracker that fires twice, or no longer.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "logins__mean__drift",
            "Logins that are no longer recorded: everybody would look inactive.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "feature_uses__mean__drift",
            "Features that are no longer recorded, or renamed.",
            at_least=0.2,
            at_most=5,
        ),
        warns(
            "product_category__null_share__drift",
            "Activity lost its category: preferences would vanish.",
            at_most=5,
        ),
    ],
)
