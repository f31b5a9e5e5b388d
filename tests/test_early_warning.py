"""Incidents warn before orders do, where they harm; the world's law says how much."""

import numpy as np
import pytest

from benchmarks import early
from scoring import measures

SMALL = 4_000


def test_where_incidents_harm_a_fit_warns_better_than_one_of_orders():
    found = early.measure(seed=101, has_effect=True, customers=SMALL)
    fitted, true = found.gains
    assert 0.002 < fitted < true


def test_where_incidents_harm_nobody_nothing_is_gained():
    fitted, true = early.measure(seed=101, has_effect=False, customers=SMALL).gains
    assert true == 0
    assert abs(fitted) < 0.001


def test_the_law_of_the_world_foretells_the_world():
    """What it says of rates and incidents is as often right as it says."""
    made = early.world(seed=102, has_effect=True, customers=SMALL)
    one, who = early.as_of(made, early.NEWEST, ["recency_days"])
    recency = (one.T - one.t_x).astype(int)
    hazard = early.hazards_after(made, who, recency)
    odds = early.log_odds_of_silence(one, recency, hazard)
    for tenth in measures.calibration(1 / (1 + np.exp(-odds)), one.lost):
        error = np.sqrt(tenth.seen * (1 - tenth.seen) / tenth.customers)
        assert abs(tenth.predicted - tenth.seen) < 3 * error + 0.02


def test_a_ratio_has_the_interval_of_what_each_seed_adds():
    found = early.ratio([1.0, 3.0, 2.0], [2.0, 4.0, 6.0])
    # 6 of 12; the rests are 0, 1 and -1, so their error is 1 / √3, of a mean of 4.
    assert found.value == 0.5
    assert found.high - 0.5 == pytest.approx(4.3027 / np.sqrt(3) / 4, rel=1e-4)
    assert early.mean([1.0, 3.0]).value == 2.0


@pytest.mark.long
def test_most_of_what_the_true_model_gains_is_gained_and_nothing_without_effect():
    worlds = early.measured()
    fitted, true = zip(*(one.gains for one in worlds[early.HARM]), strict=True)
    assert early.ratio(fitted, true).value >= 0.6
    without = early.mean([one.gains[0] for one in worlds[early.NO_EFFECT]])
    assert without.low <= 0 <= without.high or abs(without.value) < 0.001
