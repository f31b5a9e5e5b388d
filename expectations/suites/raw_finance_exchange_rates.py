"""An export of exchange rates can be read, and quotes them the usual way round."""

import great_expectations as gx

from expectations.limits import every_batch, warns

suite = gx.ExpectationSuite(
    name="raw.finance_exchange_rates",
    expectations=[
        *every_batch(event="rate_date"),
        warns(
            "currency__distinct_count__drift",
            "A currency left out takes an older rate, unseen.",
            at_least=0.5,
        ),
        warns(
            "rate_to_base__mean__drift",
            "Rates quoted the other way round, or per 100 units.",
            at_least=0.5,
            at_most=2,
        ),
    ],
)
