"""The bounds that suites are made of: what warns, what blocks, what each batch keeps.

A metric's name is a column of the profile row (profiles.py). A batch that breaks a
bound that blocks is rejected, and a mart that breaks one is not published, so these
must be true of any firm, and of a delivery of one row; drift warns.
"""

import great_expectations.expectations as gxe

# Seconds since 1970, as all times of a profile.
YEAR_2000 = 946_684_800


def warns(metric: str, reason: str, **limits) -> gxe.ExpectColumnValuesToBeBetween:
    """A bound that somebody looks at when it breaks; `reason` names the usual cause."""
    return bound("warning", metric, reason, **limits)


def blocks(metric: str, reason: str, **limits) -> gxe.ExpectColumnValuesToBeBetween:
    """A bound that nothing passes that breaks it."""
    return bound("critical", metric, reason, **limits)


def bound(
    severity: str,
    metric: str,
    reason: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    below: float | None = None,
) -> gxe.ExpectColumnValuesToBeBetween:
    """At least one limit; `below` is an upper one that is itself too much."""
    return gxe.ExpectColumnValuesToBeBetween(
        column=metric,
        min_value=at_least,
        max_value=at_most if below is None else below,
        strict_max=below is not None,
        severity=severity,
        notes=reason,
    )


def every_batch(
    *, event: str | None = None, may_be_empty: bool = True, is_steady: bool = True
) -> list[gxe.ExpectColumnValuesToBeBetween]:
    """What every batch of a feed keeps, whatever it tells of.

    `event` is the column of a row's time; `may_be_empty` is false where the feed is
    required; `is_steady` is false where rows come by the handful or in waves, so that
    many of them tell nothing.
    """
    bounds = [
        blocks(
            "unparsed_share",
            "Half of the lines unreadable: the file is cut or of another form.",
            below=0.5,
        )
    ]
    if not may_be_empty:
        bounds.append(
            blocks("row_count", "An export without a row is a fault.", at_least=1)
        )
    if is_steady:
        bounds.append(
            warns(
                "row_count__drift",
                "Half an export, or a whole history instead of the news.",
                at_least=0.2,
                at_most=5,
            )
        )
    if event:
        bounds.append(
            warns(
                f"{event}__newest",
                "Nothing since 2000: the century or the unit of a time is wrong.",
                at_least=YEAR_2000,
            )
        )
    return bounds
