"""An export of touches can be read, mostly of the treated, some held out."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.marketing_touches",
    expectations=[
        *every_batch(event="sent_at"),
        warns(
            "arm__share__treated__drift",
            "Nearly everybody was held out: the arms are swapped.",
            at_least=0.2,
        ),
        warns(
            "arm__share__holdout__drift",
            "Hardly anybody is held out: what a campaign does cannot be told.",
            at_least=0.2,
        ),
        warns(
            "bounced_at__null_share__drift",
            "A wave of bounces: bad addresses, or a column that moved.",
            at_least=0.5,
        ),
        warns(
            "unsubscribed_at__null_share__drift",
            "A wave of unsubscribing is news, or a column that moved.",
            at_least=0.7,
        ),
        warns(
            "cost__mean__drift",
            "Cents instead of units, or the cost of a campaign on each of its touches.",
            at_least=0.05,
            at_most=20,
        ),
    ],
)
