"""The mathematics of the scores: fitting, and what the SQL of the models must equal.

Plain functions of numbers: no files, no settings, no clock, no chance without a seed.
"""


class CannotFit(Exception):
    """The customers teach nothing that may be served; the message says why."""
