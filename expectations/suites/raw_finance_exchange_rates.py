"""An export of exchange rates can be read, and quotes them the usual way round."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.finance_exchange_rates",
    expectations=[
        gxe.ExpectColumnValuesToBeBetween(
            column="unparsed_share",
            max_value=0.5,
            strict_max=True,
            notes="Half of the lines unreadable: the file is cut or of another form.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="row_count__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="Half an export, or a whole history instead of the news.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="currency__distinct_count__drift",
            min_value=0.5,
            severity="warning",
            notes="A currency left out takes an older rate, unseen.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="rate_to_base__mean__drift",
            min_value=0.5,
            max_value=2,
            severity="warning",
            notes="Rates quoted the other way round, or per 100 units.",
        ),
    ],
)
