"""An export of survey answers can be read, and its scores lie where they used to."""

import great_expectations as gx
import great_expectations.expectations as gxe

suite = gx.ExpectationSuite(
    name="raw.survey_responses",
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
            column="score__mean__drift",
            min_value=0.5,
            max_value=2,
            severity="warning",
            notes="A survey that changed its scale from 5 to 10 doubles the mean.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="score__stddev__drift",
            min_value=0.2,
            severity="warning",
            notes="A form that sends its own default gives answers all alike.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="survey_type__share__nps__drift",
            min_value=0.2,
            max_value=5,
            severity="warning",
            notes="A survey that stopped, or a type that changed its meaning.",
        ),
    ],
)
