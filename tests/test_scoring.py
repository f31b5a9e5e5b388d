"""The scores: worked by hand, equal to the literature, and better than plain rules."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as proofs
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import hyp2f1
from scipy.stats import gamma
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks import churn
from scoring import (
    CannotFit,
    bgnbd,
    features,
    gamma_gamma,
    likelihood,
    logistic,
    measures,
    served,
)

SAMPLE = churn.CDNOW.with_name("cdnow_sample.csv")
ONES = bgnbd.Parameters(1.0, 1.0, 1.0, 1.0, 0.0, 0)
CDNOW = bgnbd.Parameters(0.2426, 4.4136, 0.7929, 2.4259, 0.0, 0)
DRAWS = 300  # for intervals that are asked for often
many = proofs(max_examples=60)


def times(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, t_x, T of customers who buy and stop as BG/NBD has it, on whole days."""
    chance = np.random.default_rng(1)
    rows = []
    for T in chance.integers(10, 40, size):
        rate, stops = chance.gamma(1.0, 0.3), chance.beta(0.8, 2.4)
        x, t_x, now = 0, 0.0, chance.exponential(1 / rate)
        while now < T:
            x, t_x = x + 1, np.ceil(now)
            if chance.random() < stops:
                break
            now += chance.exponential(1 / rate)
        rows.append((x, t_x, T))
    return tuple(np.array(rows, float).T)


# --- BG/NBD --------------------------------------------------------------------------


def test_bgnbd_by_hand():
    # r = alpha = a = b = 1. Who bought once, T = 1: (1 / 2)^1. Who came back at once:
    # alive 1/2 × 1/4, stopped 1/2 × 1/4.
    x, t_x, T = np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([1.0, 1.0])
    value, _ = bgnbd.log_likelihood(np.zeros(4), x, t_x, T)
    assert np.exp(value) == pytest.approx([1 / 2, 1 / 4])
    assert bgnbd.p_alive(ONES, x, t_x, T) == pytest.approx([1, 1 / 2])
    # Came back at once and was silent since: odds of having stopped 1 × (2 / 1)².
    assert bgnbd.p_alive(ONES, 1, 0, 1) == pytest.approx(1 / 5)
    # Silent for 2 more with probability 2/4 and (2/4)²: 1/2, and 1 - 1/2 × 3/4.
    assert bgnbd.p_no_purchase(ONES, x, t_x, T, 2) == pytest.approx([1 / 2, 5 / 8])


def test_bgnbd_slopes_are_those_of_its_likelihood():
    data = times(50)
    at = np.log([0.3, 2.0, 0.8, 2.4])
    error = check_grad(
        lambda logs: bgnbd.log_likelihood(logs, *data)[0].sum(),
        lambda logs: bgnbd.log_likelihood(logs, *data)[1].sum(1),
        at,
    )
    assert error < 1e-4


def test_no_purchase_is_what_the_posterior_of_rates_says():
    x, t_x, T, h = 3.0, 20.0, 30.0, 13.0
    rates = gamma(CDNOW.r + x, scale=1 / (CDNOW.alpha + T))
    silent = rates.expect(lambda rate: np.exp(-rate * h))
    alive = bgnbd.p_alive(CDNOW, x, t_x, T)
    found = bgnbd.p_no_purchase(CDNOW, x, t_x, T, h)
    assert found == pytest.approx(1 - alive * (1 - silent), abs=1e-9)


parameters = st.builds(
    bgnbd.Parameters,
    st.floats(0.05, 5),
    st.floats(1, 100),
    st.floats(0.05, 5).filter(lambda a: abs(a - 1) > 0.001),
    st.floats(0.2, 20),
    st.just(0.0),
    st.just(0),
)
bought = st.tuples(
    st.integers(0, 60), st.floats(0.01, 1), st.floats(5, 400), st.floats(1, 100)
)


@many
@given(parameters, bought)
def test_expected_purchases_are_those_of_the_paper(one, customer):
    x, part, T, h = customer
    t_x = T * part if x else 0.0
    r, alpha, a, b = one.r, one.alpha, one.a, one.b
    inside = hyp2f1(r + x, b + x, a + b + x - 1, h / (alpha + T + h))
    left = 1 - ((alpha + T) / (alpha + T + h)) ** (r + x) * inside
    alive = bgnbd.p_alive(one, x, t_x, T)
    textbook = (a + b + x - 1) / (a - 1) * left * alive
    found = bgnbd.expected_purchases(one, x, t_x, T, h)
    assert found == pytest.approx(textbook, rel=1e-7)


@many
@given(parameters, bought, st.floats(0.01, 1))
def test_the_longer_the_silence_the_likelier_it_lasts(one, customer, other):
    x, part, T, h = customer
    early, late = sorted((part, other))
    data = np.array([early, late]) * T if x else np.zeros(2)
    found = bgnbd.p_no_purchase(one, x, data, T, h)
    assert found[0] >= found[1] - 1e-12
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(bgnbd.expected_purchases(one, x, data, T, h)) >= -1e-9).all()


def test_who_bought_a_thousand_times_has_a_probability():
    found = bgnbd.p_alive(CDNOW, 5_000, 1.0, 39.0)
    assert 0 <= found < 1e-9


def values(one: bgnbd.Parameters) -> list[float]:
    return [one.r, one.alpha, one.a, one.b, one.log_likelihood, one.customers]


def test_a_count_table_fits_as_single_customers_do_in_any_order():
    x, t_x, T = times(3_000)
    single = bgnbd.fit(x, t_x, T)
    rows, counts = np.unique(np.column_stack([x, t_x, T]), axis=0, return_counts=True)
    assert len(rows) < 2_500
    assert values(bgnbd.fit(*rows.T, counts)) == values(single)
    order = np.random.default_rng(2).permutation(len(x))
    assert values(bgnbd.fit(x[order], t_x[order], T[order])) == values(single)
    twice = bgnbd.fit(*rows.T, 2 * counts)
    assert values(twice)[:4] == pytest.approx(values(single)[:4], rel=1e-4)
    assert twice.log_likelihood == pytest.approx(2 * single.log_likelihood)


def test_the_unit_of_time_is_the_callers():
    x, t_x, T = times(3_000)
    weeks, days = bgnbd.fit(x, t_x, T), bgnbd.fit(x, 7 * t_x, 7 * T)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-6)
    assert days.log_likelihood == pytest.approx(
        weeks.log_likelihood - np.log(7) * x.sum()
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda x, t_x, T: (x[:99], t_x[:99], T[:99]), "99 customers have bought"),
        (lambda x, t_x, T: (0 * x, 0 * t_x, T), "0 customers bought on a second day"),
        (lambda x, t_x, T: (x, np.where(x > 0, T, 0), T), "nobody's last purchase"),
        (lambda x, t_x, T: (x, T + 1, T), "t_x not above T"),
        (lambda x, t_x, T: (x * np.nan, t_x, T), "must be known"),
        (lambda x, t_x, T: (0 * x + 3, 0.9 * T, T), "has no peak"),
    ],
    ids=["few", "no repeats", "nobody left", "t_x above T", "unknown", "no peak"],
)
def test_bgnbd_says_why_it_cannot_be_fitted(change, sentence):
    with pytest.raises(CannotFit, match=rf"^BG/NBD was not fitted: .*{sentence}.*\.$"):
        bgnbd.fit(*change(*times(2_000)))


def test_bgnbd_is_not_fitted_where_expected_purchases_divide_by_nothing(monkeypatch):
    x, t_x, T = times(3_000)
    a = bgnbd.fit(x, t_x, T).a
    monkeypatch.setattr(bgnbd, "NEAREST_TO_ONE", abs(a - 1) * 1.01)
    with pytest.raises(CannotFit, match="a is 1 to within"):
        bgnbd.fit(x, t_x, T)


def test_of_two_peaks_the_higher_one_counts_wherever_the_search_begins():
    # Of the log l of the one parameter: valleys near 1 and, deeper, near -1.
    def loss(logs):
        (at,) = logs
        return (at**2 - 1) ** 2 + at / 5, np.array([4 * at * (at**2 - 1) + 1 / 5])

    for starts in (((3.0,), (0.3,)), ((0.3,), (3.0,))):
        (found,), least = likelihood.peak("One", ["l"], loss, starts, (1e-3, 1e3))
        assert np.log(found) == pytest.approx(-1.024, abs=0.001)
        assert least == pytest.approx(-0.2025, abs=0.001)


# --- Gamma-Gamma ---------------------------------------------------------------------


def test_gamma_gamma_by_hand():
    # p = 2, q = 3, v = 10: everybody's mean is 2 × 10 / (3 - 1). Two purchases of 20:
    # 2 × (10 + 40) / (2 × 2 + 3 - 1).
    one = gamma_gamma.Parameters(2.0, 3.0, 10.0, 0.0, 0)
    found = gamma_gamma.expected_value(one, [0, 2, 3], [np.nan, 20.0, 0.0])
    assert found == pytest.approx([10, 100 / 6, 10])


def test_gamma_gamma_slopes_are_those_of_its_likelihood():
    data = np.array([1.0, 2, 5]), np.array([3.0, 0.5, 1.2])
    error = check_grad(
        lambda logs: gamma_gamma.log_likelihood(logs, *data)[0].sum(),
        lambda logs: gamma_gamma.log_likelihood(logs, *data)[1].sum(1),
        np.log([6.0, 2.0, 0.8]),
    )
    assert error < 1e-5


def test_gamma_gamma_says_why_it_cannot_be_fitted():
    with pytest.raises(CannotFit, match="0 customers have purchases of a value"):
        gamma_gamma.fit([0, 0, 3], [np.nan, 5.0, 0.0])
    with pytest.raises(CannotFit, match="has no peak"):
        gamma_gamma.fit([1 + at % 4 for at in range(200)], [7.0] * 200)


# --- logistic ------------------------------------------------------------------------


def outcomes(size: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    """Three features in very different units, and an event that they decide."""
    chance = np.random.default_rng(3)
    X = chance.normal(size=(size, 3)) * [1, 50, 0.01] + [5, -200, 0]
    odds = 0.8 * (X[:, 0] - 5) - 0.01 * (X[:, 1] + 200) - 1
    return X, (chance.random(size) < 1 / (1 + np.exp(-odds))).astype(float)


@pytest.mark.parametrize("l2", [1.0, 20.0])
def test_logistic_is_that_of_scikit_learn_where_no_sign_binds(l2):
    X, y = outcomes()
    weights = np.random.default_rng(4).integers(1, 4, len(y))
    mean = np.average(X, axis=0, weights=weights)
    spread = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights))
    theirs = LogisticRegression(C=1 / l2, tol=1e-10, max_iter=1_000)
    theirs.fit((X - mean) / spread, y, weights)
    ours = logistic.fit(X, y, [1, -1, 0], weights, l2)
    assert ours.intercept == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert ours.coefficients * spread == pytest.approx(theirs.coef_[0], abs=1e-5)
    assert ours.references == pytest.approx(mean)


def test_a_sign_against_the_data_leaves_nothing_and_the_rest_is_fitted_without():
    X, y = outcomes()
    bound = logistic.fit(X, y, [-1, -1, 0])
    without = logistic.fit(X[:, 1:], y, [-1, 0])
    assert bound.coefficients[0] == 0
    assert bound.coefficients[1:] == pytest.approx(without.coefficients, rel=1e-4)


def test_reasons_add_up_to_the_log_odds_and_what_is_unknown_adds_nothing():
    X, y = outcomes()
    X[::7, 1] = np.nan
    model = logistic.fit(np.column_stack([X, np.full(len(y), 4.2)]), y, [1, -1, 0, 1])
    customer = np.array([[6.0, np.nan, 0.0, 9.0]])
    reasons = logistic.contributions(model, customer)[0]
    assert reasons[0] == pytest.approx(model.coefficients[0] * (6 - X[:, 0].mean()))
    assert reasons[1] == 0
    assert model.coefficients[3] == 0
    assert logistic.log_odds(model, customer) == model.intercept + reasons.sum()
    assert model.references[1] == pytest.approx(np.nanmean(X[:, 1]))


def test_a_feature_that_nobody_has_changes_nothing():
    X, y = outcomes()
    model = logistic.fit(np.column_stack([X, np.full(len(y), np.nan)]), y, [0, 0, 0, 1])
    known = logistic.fit(X, y, [0, 0, 0])
    assert model.coefficients[:3] == pytest.approx(known.coefficients)
    assert model.coefficients[3] == 0
    assert np.isfinite(model.references).all()


def test_a_weight_of_two_is_the_row_twice():
    X, y = outcomes(500)
    weights = np.where(np.arange(len(y)) % 3 == 0, 2, 1)
    rows = np.repeat(np.arange(len(y)), weights)
    weighed = logistic.fit(X, y, [0, 0, 0], weights)
    repeated = logistic.fit(X[rows], y[rows], [0, 0, 0])
    assert weighed.coefficients == pytest.approx(repeated.coefficients, rel=1e-5)


@pytest.mark.parametrize("events", [0, 3, 2_000])
def test_logistic_needs_both_outcomes_often_enough(events):
    X, y = outcomes()
    y = (np.arange(len(y)) < events).astype(float)
    with pytest.raises(CannotFit, match=f"of 2000 outcomes {events} are the event"):
        logistic.fit(X, y, [0, 0, 0])


# --- measures ------------------------------------------------------------------------


def test_measures_by_hand():
    score, event = [4, 3, 3, 1], [1, 1, 0, 0]
    # Of four pairs three are in order, one is tied.
    assert measures.auc(score, event) == 3.5 / 4
    # Two places: the first, and half of each of the tied.
    assert measures.share_taken(score, 2).tolist() == [1, 0.5, 0.5, 0]
    assert measures.caught(score, [10, 0, 30, 60], 2) == 25 / 100
    assert measures.brier([0.5, 1], [1, 1]) == 0.125
    assert measures.rmse([0, 4], [0, 2]) == pytest.approx(2**0.5)
    assert measures.mae([0, 4], [1, 2]) == 1.5


def test_calibration_by_hand():
    found = measures.calibration(np.arange(20) / 20, np.arange(20) >= 10)
    assert [tenth.customers for tenth in found] == [2] * 10
    assert [tenth.seen for tenth in found] == [0] * 5 + [1] * 5
    assert found[0].predicted == pytest.approx(0.025)
    tied = measures.calibration([0.3] * 8 + [0.9] * 2, [0] * 8 + [1] * 2)
    assert [(tenth.predicted, tenth.customers) for tenth in tied] == [
        (pytest.approx(0.3), 8),
        (pytest.approx(0.9), 2),
    ]


rows = st.lists(
    st.tuples(st.integers(0, 4), st.booleans(), st.integers(0, 9)), min_size=1
)


@many
@given(rows, st.randoms(use_true_random=False), st.floats(0, 20))
def test_the_order_of_rows_decides_nothing(rows, chance, capacity):
    def measured(rows):
        score, event, amount = (np.array(column) for column in zip(*rows, strict=True))
        return [
            measures.auc(score, event),
            measures.caught(score, amount, capacity),
            *(tenth.seen for tenth in measures.calibration(score, event)),
        ]

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert measured(shuffled) == pytest.approx(measured(rows))


@many
@given(rows, st.floats(0, 200))
def test_auc_is_that_of_scikit_learn_and_places_are_all_given(rows, capacity):
    score, event, _ = (np.array(column) for column in zip(*rows, strict=True))
    taken = measures.share_taken(score, capacity)
    assert taken.sum() == pytest.approx(min(capacity, len(rows)))
    assert (np.diff(taken[np.argsort(score)]) >= 0).all()
    if event.all() or not event.any():
        assert measures.auc(score, event) is None
    else:
        assert measures.auc(score, event) == pytest.approx(roc_auc_score(event, score))


def test_what_cannot_be_measured_is_none():
    assert measures.auc([], []) is None
    assert measures.auc_difference([1, 2], [2, 1], [1, 1]) is None
    assert measures.caught([1, 2], [0, 0], 1) is None
    assert (measures.brier([], []), measures.rmse([], [])) == (None, None)
    assert (measures.mae([], []), measures.calibration([], [])) == (None, [])


def test_the_interval_holds_the_difference_and_is_the_same_every_time():
    chance = np.random.default_rng(5)
    event = chance.random(800) < 0.4
    good, bad = event + chance.normal(size=800), event + chance.normal(size=800) * 2
    found = measures.auc_difference(good, bad, event)
    assert 0 < found.low < found.difference < found.high
    assert found.difference == pytest.approx(
        roc_auc_score(event, good) - roc_auc_score(event, bad)
    )
    assert measures.auc_difference(good, bad, event) == found
    assert measures.auc_difference(good, 2 * good, event) == measures.Interval(0, 0, 0)


# --- orders --------------------------------------------------------------------------


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        yield connection


def log(connection, rows: str) -> str:
    connection.execute(
        "create or replace table log as select * from (values "
        f"{rows}) as log (customer_id, bought_on, amount)"
    )
    return "log"


BY_HAND = """
    (1, date '2026-01-01', 10), (1, date '2026-01-01', 5), (1, date '2026-01-11', 20),
    (1, date '2026-01-31', 0), (1, date '2026-02-05', -8), (1, date '2026-03-01', 99),
    (2, date '2026-02-08', 7), (3, date '2026-02-09', -7), (4, date '2026-03-01', 50)
"""


def test_orders_by_hand(connection):
    name, day = log(connection, BY_HAND), date(2026, 2, 10)
    found = features.as_of(connection, name, day)
    # A day is one purchase; a return is none, and lowers the spend.
    assert {key: column.tolist() for key, column in found.items()} == {
        "customer_id": [1, 2],
        "x": [2, 0],
        "t_x": [30, 0],
        "T": [40, 2],
        "recency": [10, 2],
        "spend": [27, 7],
        "mean_gap": [15, pytest.approx(np.nan, nan_ok=True)],
        "valued": [1, 0],
        "mean_value": [20, pytest.approx(np.nan, nan_ok=True)],
    }
    came = features.outcomes(connection, name, day, 19)
    assert came["purchases"].tolist() == [1, 0]
    assert came["amount"].tolist() == [99, 0]
    assert features.outcomes(connection, name, day, 18)["purchases"].tolist() == [0, 0]


def test_rules_give_equal_customers_equal_scores():
    orders = {
        "recency": np.array([1.0, 1, 9, 9, 30]),
        "x": np.array([3.0, 3, 0, 0, 1]),
        "spend": np.array([5.0, 5, 1, 1, 1]),
        "mean_gap": np.array([2.0, 2, np.nan, np.nan, 8]),
    }
    # Middle ranks of recency 4.5, 4.5, 2.5, 2.5, 1 of 5, of x 4.5, 4.5, 1.5, 1.5, 3.
    assert churn.rfm(orders).tolist() == [15, 15, 7, 7, 6]
    assert churn.overdue(orders).tolist() == [0.5, 0.5, 9 / 4, 9 / 4, 30 / 8]


def test_days_to_learn_from_have_an_outcome_by_the_day():
    days, is_for_horizon = churn.past_days(date(2025, 1, 1), date(2026, 1, 1), 90)
    assert is_for_horizon
    assert len(days) == 3
    assert all(day + timedelta(90) <= date(2026, 1, 1) for day in days)
    days, is_for_horizon = churn.past_days(date(1997, 1, 1), date(1997, 9, 30), 273)
    assert not is_for_horizon
    assert days == [date(1997, 5, 17), date(1997, 6, 13), date(1997, 7, 10)]


# --- what is served ------------------------------------------------------------------


def orders(size: int = 3_000) -> dict[str, np.ndarray]:
    x, t_x, T = times(size)
    spend = (x + 1) * np.random.default_rng(6).gamma(6, 5, size)
    mean_value = np.where(x > 0, spend / (x + 1), np.nan)
    told = {"x": x, "t_x": t_x, "T": T, "recency": T - t_x, "spend": spend}
    return told | {"valued": x, "mean_value": mean_value}


def silent(told: dict[str, np.ndarray]) -> np.ndarray:
    return np.random.default_rng(7).random(len(told["x"])) < 1 / (1 + told["x"])


def fit(told: dict, known: dict, event: np.ndarray, horizon: float = 0):
    """The models of `told`, the outcomes of `known`; anchored to a horizon, if any."""
    anchored = (churn.inputs(told), horizon) if horizon else None
    past = churn.inputs(known)
    histories = churn.histories(told)
    return served.fit(churn.FEATURES, past, event, histories, anchored)


def test_served_is_half_way_between_the_two_in_log_odds():
    told = orders()
    fitted = fit(told, told, silent(told))
    risk, worth = churn.scored(fitted, told, 10)
    odds = [p / (1 - p) for p in (risk.by_bgnbd, risk.by_logistic)]
    geometric = np.sqrt(odds[0] * odds[1])
    assert risk.probability == pytest.approx(geometric / (1 + geometric))
    assert fitted.missing == ()
    ratio = (1 - risk.probability) / (1 - risk.by_bgnbd)
    assert worth.purchases == pytest.approx(worth.bgnbd_purchases * ratio)
    assert (worth.likely_purchases < worth.purchases).all()


def test_a_score_learned_for_fewer_days_is_moved_to_the_mean_of_the_horizon():
    told = orders()
    risk, _ = churn.scored(fit(told, told, silent(told), 50), told, 50)
    assert risk.by_logistic.mean() == pytest.approx(risk.by_bgnbd.mean())
    unmoved, _ = churn.scored(fit(told, told, silent(told)), told, 50)
    assert unmoved.by_logistic.mean() != pytest.approx(risk.by_bgnbd.mean(), abs=0.01)


def test_where_one_part_cannot_be_fitted_the_other_serves_and_it_is_said():
    told = orders()
    nobody_returns = told | {"x": 0 * told["x"], "t_x": 0 * told["T"]}
    by_logistic = fit(nobody_returns, told, silent(told), 50)
    assert "bought on a second day" in by_logistic.missing[0]
    risk, worth = churn.scored(by_logistic, nobody_returns, 50)
    assert (risk.probability == risk.by_logistic).all()
    assert (risk.by_bgnbd, worth) == (None, None)
    by_bgnbd = fit(told, told, 0 * told["x"])
    assert "outcomes 0 are the event" in by_bgnbd.missing[0]
    risk, _ = churn.scored(by_bgnbd, told, 50)
    assert risk.probability == pytest.approx(risk.by_bgnbd)
    assert np.isfinite(risk.probability).all()
    with pytest.raises(CannotFit, match=r"second day.*outcomes 0 are the event"):
        fit(nobody_returns, told, 0 * told["x"])


# --- the literature ------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(needs_shared_data) -> dict[str, np.ndarray]:
    """CDNOW's published sample after 39 weeks, in weeks."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table log as select sample_id as customer_id, date as bought_on, "
            f"dollar_value as amount from read_csv('{SAMPLE}')"
        )
        found = features.as_of(connection, "log", churn.CDNOW_DAY)
    return found | {name: found[name] / 7 for name in ("t_x", "T")}


def test_the_published_parameters_of_bgnbd_come_out(sample):
    found = bgnbd.fit(sample["x"], sample["t_x"], sample["T"])
    assert found.customers == 2_357
    assert values(found)[:4] == pytest.approx(values(CDNOW)[:4], abs=0.001)
    assert found.log_likelihood == pytest.approx(-9582.43, abs=0.01)
    holdout = bgnbd.expected_purchases(
        found, sample["x"], sample["t_x"], sample["T"], 39
    )
    assert holdout.sum() == pytest.approx(1653, abs=1)


def test_the_published_parameters_of_gamma_gamma_come_out(sample):
    found = gamma_gamma.fit(sample["valued"], sample["mean_value"])
    assert found.p == pytest.approx(6.25, abs=0.05)
    assert found.q == pytest.approx(3.74, abs=0.05)
    assert found.v == pytest.approx(15.44, abs=0.05)


# --- better than the literature, and than plain rules --------------------------------


@pytest.fixture(scope="module")
def cdnow(needs_shared_data):
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        churn.cdnow(connection)
        yield connection


@pytest.fixture(scope="module")
def half(cdnow) -> churn.Evaluation:
    return churn.evaluate(cdnow, "purchases", churn.CDNOW_DAY, churn.CDNOW_HORIZON)


def test_who_will_buy_nothing_is_told_better_than_by_bgnbd(half):
    assert len(half.event) == 23_570
    assert half.auc("served") >= 0.769
    assert half.auc("served", "repeat") >= 0.730
    for segment in ("all", "repeat"):
        assert half.over("bgnbd_purchases", segment).low > 0


LEAK = 0.785  # no score of orders alone can be so good on CDNOW's holdout


def test_the_future_did_not_leak_into_the_score(half):
    assert half.auc("served") <= LEAK


def test_a_score_that_saw_a_month_of_the_future_would_be_found_out(half, cdnow):
    later = churn.CDNOW_DAY + timedelta(30)
    models, orders, _ = churn.fitted(cdnow, "purchases", later, churn.CDNOW_HORIZON)
    leaked, _ = churn.scored(models, orders, churn.CDNOW_HORIZON)
    assert measures.auc(leaked.probability, half.event) > LEAK


def test_counts_are_nearer_than_those_of_bgnbd(half):
    """One prediction holds both bounds; the mean by itself that of the squares."""
    seen, worth = half.outcome["purchases"], half.worth
    assert measures.rmse(worth.purchases, seen) <= 1.735
    assert measures.rmse(worth.likely_purchases, seen) <= 1.735
    assert measures.mae(worth.likely_purchases, seen) <= 0.80


def test_the_top_tenth_brings_more_than_half_of_the_value_to_come(half):
    assert half.caught(half.worth.amount) >= 0.516
    assert half.caught(half.worth.amount) > half.caught(half.orders["spend"])


def test_a_probability_is_nearer_to_what_comes_than_that_of_bgnbd(half):
    served_brier = measures.brier(half.risk.probability, half.event)
    assert served_brier < measures.brier(half.risk.by_bgnbd, half.event)


@pytest.mark.parametrize("day", churn.CDNOW_DAYS, ids=str)
def test_90_days_are_told_better_than_by_bgnbd_and_the_rules(cdnow, day):
    found = churn.evaluate(cdnow, "purchases", day, churn.HORIZON)
    for rule in ("bgnbd_purchases", "recency", "rfm"):
        for segment in ("all", "repeat"):
            assert found.over(rule, segment, DRAWS).low > 0, (rule, segment)


def test_no_row_after_the_day_changes_a_score(cdnow, half):
    day = churn.CDNOW_DAY
    cdnow.execute(f"""
        create or replace table altered as
        from (
            select * from purchases where bought_on <= date '{day}'
            union all
            select customer_id, bought_on + 1, 1000 - amount
            from purchases where bought_on > date '{day}' and customer_id % 2 = 0
            union all
            select range, date '{day}' + 1, 5 from range(40000)
        )
        order by hash(customer_id, bought_on)
    """)
    models, orders, _ = churn.fitted(cdnow, "altered", day, churn.CDNOW_HORIZON)
    risk, worth = churn.scored(models, orders, churn.CDNOW_HORIZON)
    assert (orders["customer_id"] == half.orders["customer_id"]).all()
    assert risk.probability == pytest.approx(half.risk.probability, abs=1e-9)
    assert worth.amount == pytest.approx(half.worth.amount, abs=1e-6)


@pytest.mark.parametrize("day", churn.RETAIL_DAYS, ids=str)
def test_a_wholesaler_is_told_no_worse_than_by_the_rules(
    needs_shared_data, connection, day
):
    name = churn.online_retail(connection)
    found = churn.evaluate(connection, name, day, churn.HORIZON)
    for rule in ("recency", "rfm"):
        for segment in churn.SEGMENTS:
            assert found.over(rule, segment, DRAWS).high >= 0, (rule, segment)


def test_the_page_says_what_is_not_there(monkeypatch, tmp_path):
    monkeypatch.delenv("LANDING_DIR", raising=False)
    monkeypatch.setattr(churn, "CDNOW", tmp_path / "cdnow" / "no.csv")
    monkeypatch.setattr(churn, "ONLINE_RETAIL", tmp_path / "retail" / "no.parquet")
    monkeypatch.setattr("sys.argv", ["churn", "--page", str(tmp_path / "page.md")])
    churn.main()
    page = (tmp_path / "page.md").read_text("utf-8")
    assert page.count("Not measured: `../shared/data/") == 3
