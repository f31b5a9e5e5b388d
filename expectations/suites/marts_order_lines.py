"""Order lines are as many, as large and as dear as they were."""

import great_expectations as gx

from expectations.limits import warns

suite = gx.ExpectationSuite(
    name="marts.order_lines",
    expectations=[
        warns(
            "row_count__drift",
            "Lines do not vanish: a feed is missing, or came twice.",
            at_least=0.9,
            at_most=1.5,
        ),
        warns(
            "product_id__distinct_count__drift",
            "Products left out, or numbered anew; the count is approximate.",
            at_least=0.7,
            at_most=2,
        ),
        warns(
            "quantity__mean__drift",
            "Pieces instead of boxes.",
            at_least=0.7,
            at_most=1.5,
        ),
        warns(
            "line_amount__mean__drift",
            "Amounts were lost, or exchanged at a wrong rate.",
            at_least=0.7,
            at_most=1.5,
        ),
    ],
)
