"""Scores of churn: SQL says what scipy says, and no model serves that is not earned."""

import re
from datetime import date

import companies
import duckdb
import numpy as np
import pytest

from benchmarks.early import listed
from orchestration import fitting
from orchestration.contracts import feeds
from orchestration.settings import PROJECT
from scoring import CannotFit, bgnbd, gamma_gamma, logistic, served, training
from scoring.served import Feature, Fitted, Histories
from scoring.training import Examples, Parameter, Trained

JUNE_30, JULY_1 = date(2026, 6, 30), date(2026, 7, 1)
MACRO = PROJECT / "dbt_project" / "macros" / "churn_feature_codes.sql"
HORIZON = 90


# --- SQL -----------------------------------------------------------------------------


def test_the_list_of_features_and_the_macro_name_the_same_in_the_same_order():
    named = re.findall(r"'(\w+)'", MACRO.read_text("utf-8"))
    assert named == [feature.code for feature in listed()]


@pytest.fixture(scope="module")
def scored(builder):
    """The scores of a company as numpy arrays, and the parameters that served."""
    company = builder.company("by_hand")
    warehouse = builder.warehouse(companies.at(company.settings, as_of_date=JUNE_30))
    warehouse.build(full=True)
    found = warehouse.connection.execute(
        "from intermediate.int_churn_scores__computed "
        "inner join intermediate.int_churn_features__measured "
        "using (customer_key, evaluation_date) order by customer_key, evaluation_date"
    ).fetchnumpy()
    parameters = warehouse.connection.execute(
        "select distinct component, parameter, coefficient, reference_value "
        "from intermediate.int_churn_models__served"
    ).fetchall()
    by_name = {tuple(line[:2]): tuple(line[2:]) for line in parameters}
    warehouse.close()
    return {
        name: np.ma.filled(column, np.nan) for name, column in found.items()
    }, by_name


def rhythm(parameters: dict) -> bgnbd.Parameters:
    names = ("r", "alpha", "a", "b")
    return bgnbd.Parameters(*(parameters["bgnbd", name][0] for name in names), 0.0, 0.0)


def times(found: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return found["purchase_day_count"] - 1, found["active_days"], found["tenure_days"]


def test_sql_gives_the_probabilities_of_bg_nbd_to_nine_digits(scored):
    found, parameters = scored
    assert len(found["customer_key"]) > 20
    one, history = rhythm(parameters), times(found)
    np.testing.assert_allclose(
        found["alive_probability"], bgnbd.p_alive(one, *history), rtol=1e-9
    )
    np.testing.assert_allclose(
        found["no_purchase_probability"],
        bgnbd.p_no_purchase(one, *history, found["horizon_days"]),
        rtol=1e-9,
    )


def test_sql_sums_the_series_of_expected_purchases_to_nine_digits(scored):
    found, parameters = scored
    one, history = rhythm(parameters), times(found)
    expected = bgnbd.expected_purchases(one, *history, found["horizon_days"])
    np.testing.assert_allclose(
        found["purchases_if_alive"] * found["alive_probability"], expected, rtol=1e-9
    )


def test_sql_gives_the_expected_value_of_gamma_gamma_to_nine_digits(scored):
    found, parameters = scored
    one = gamma_gamma.Parameters(
        *(parameters["gamma_gamma", name][0] for name in ("p", "q", "v")), 0.0, 0.0
    )
    days = found["purchase_day_count"]
    value = gamma_gamma.expected_value(
        one, days, found["net_revenue_amount"].astype(float) / days
    )
    np.testing.assert_allclose(
        found["expected_value"], value * found["purchases_if_alive"], rtol=1e-9
    )


def test_sql_mixes_the_logits_as_the_fit_does_to_nine_digits(scored):
    found, parameters = scored
    features = listed()
    fitted = Fitted(
        features,
        logistic.Model(
            parameters["logistic", "intercept"][0],
            np.array([parameters["logistic", one.code][0] for one in features]),
            np.array([parameters["logistic", one.code][1] for one in features]),
        ),
        purchases=rhythm(parameters),
        value=None,
        weight=parameters["served", "bgnbd_weight"][0],
    )
    matrix = np.column_stack([found[one.code].astype(float) for one in features])
    assert np.isnan(matrix).any(), "nothing is unknown"
    risk = served.risk(fitted, matrix, times(found), HORIZON)
    np.testing.assert_allclose(found["churn_probability"], risk.probability, rtol=1e-9)


def test_what_features_and_rhythm_add_and_the_intercept_are_the_score(scored):
    found, parameters = scored
    names = [name for name in found if name.endswith("_log_odds")]
    assert len(names) == len(listed()) + 1
    added = np.array([found[name] for name in names])
    # Each part is heard, and not everybody alike.
    assert (added.std(axis=1) > 0).sum() > 5
    assert found["purchase_rhythm_log_odds"].std() > 0
    probability = found["churn_probability"]
    np.testing.assert_allclose(
        parameters["logistic", "intercept"][0] + added.sum(axis=0),
        np.log(probability / (1 - probability)),
        rtol=1e-9,
        atol=1e-9,
    )


# --- training ------------------------------------------------------------------------


FEATURES = [Feature("recency_days", True, 1), Feature("complaint_90_count", True, 1)]


def world(
    customers: int = 600, *, effect: float = 3.0, seed: int = 1, days: int = 8
) -> tuple[Examples, Histories]:
    """Month ends 30 days apart; the risk is of silence and, by `effect`, complaints."""
    draw = np.random.default_rng(seed)
    n = customers * days
    recency, complaints = draw.integers(0, 180, n), draw.integers(0, 2, n)
    odds = 0.8 * (np.log1p(recency) - 4) + effect * complaints - 1
    lost = draw.random(n) < 1 / (1 + np.exp(-odds))
    x = draw.integers(1, 12, n)
    t_x = 200 + draw.integers(0, 200, n)
    examples = Examples(
        features=np.column_stack([recency, complaints]).astype(float),
        day=np.repeat(np.arange(days) * 30.0, customers),
        lost=lost,
        x=x.astype(float),
        t_x=t_x.astype(float),
        T=(t_x + recency).astype(float),
        served=np.full(n, np.nan),
    )
    some = slice(0, customers)
    times = examples.x[some], examples.t_x[some], examples.T[some]
    return examples, Histories(*times, times[0] + 1, np.full(customers, 10.0))


def replaced(examples: Examples, **columns: np.ndarray) -> Examples:
    return Examples(**{**vars(examples), **columns})


def value(trained: Trained, component: str, parameter: str) -> float:
    (found,) = (
        line.coefficient
        for line in trained.parameters
        if (line.component, line.parameter) == (component, parameter)
    )
    return found


def test_a_signal_with_an_effect_is_learned_and_beats_recency():
    examples, histories = world()
    trained = training.train(FEATURES, examples, histories, histories, HORIZON)
    assert value(trained, "logistic", "complaint_90_count") > 1
    assert "against the days since the last purchase" in trained.told


def test_the_order_of_the_rows_does_not_matter():
    examples, histories = world()
    expected = training.train(FEATURES, examples, histories, histories, HORIZON)
    order = np.random.default_rng(2).permutation(len(examples.lost))
    again = training.train(
        FEATURES, examples.only(order), histories, histories, HORIZON
    )
    for one, other in zip(expected.parameters, again.parameters, strict=True):
        assert one.coefficient == pytest.approx(other.coefficient, rel=1e-5, abs=1e-7)


def test_what_was_known_only_after_the_event_is_not_served():
    examples, histories = world()
    leaked = examples.features.copy()
    leaked[:, 1] = examples.lost
    trained = training.train(
        FEATURES, replaced(examples, features=leaked), histories, histories, HORIZON
    )
    assert "too good to be true" in trained.told
    assert "complaint_90_count" not in {line.parameter for line in trained.parameters}
    assert value(trained, "served", "bgnbd_weight") == 0


def test_whoever_buys_by_the_clock_may_be_foretold_as_well_as_that():
    examples, histories = world()
    late = examples.features[:, 0] + 5 * examples.features[:, 1]
    chance = np.random.default_rng(4).logistic(size=len(late))
    steady = replaced(examples, lost=late + 15 * chance > 90)
    trained = training.train(FEATURES, steady, histories, histories, HORIZON)
    assert re.match(r"AUC 0\.9\d\d on 600 customers", trained.told)


def test_a_model_below_recency_gives_way_to_it():
    """Complaints mean the contrary on the newest day of what they meant before."""
    examples, histories = world(effect=4)
    newest, _ = world(effect=-4, seed=3)
    last = examples.day == examples.day.max()
    turned = replaced(
        examples,
        lost=np.where(last, newest.lost, examples.lost),
        features=np.where(last[:, None], newest.features, examples.features),
    )
    trained = training.train(FEATURES, turned, histories, histories, HORIZON)
    assert trained.told.startswith("The naive rule serves.")
    assert {line.meaning for line in trained.parameters} == {trained.told, None}


def test_a_model_that_serves_and_is_better_stays():
    examples, histories = world()
    odds = examples.features @ np.array([0.01, 3.0])
    kept = training.train(
        FEATURES, replaced(examples, served=odds), histories, histories, HORIZON
    )
    assert isinstance(kept, Trained), "about as good: the newer one serves"
    perfect = replaced(examples, served=examples.lost.astype(float))
    said = training.train(FEATURES, perfect, histories, histories, HORIZON)
    assert said.startswith("nothing is kept, for the model that serves was better")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda e: e.only(e.day < 0), "0 customers valued by orders could be"),
        (
            lambda e: e.only(np.arange(len(e.lost)) % 2 == 0),
            "300 customers valued by orders could be",
        ),
        (lambda e: e.only(e.day > 100), "there are 1"),
        (lambda e: replaced(e, lost=e.lost & False), "none of 600 customers were lost"),
        (lambda e: replaced(e, lost=e.lost | True), "all of 600 customers were lost"),
    ],
    ids=["only_one_time_buyers", "under_500", "short_history", "nobody", "everybody"],
)
def test_a_base_that_teaches_nothing_is_told_so_in_one_sentence(change, sentence):
    examples, histories = world()
    with pytest.raises(CannotFit, match=sentence):
        training.train(FEATURES, change(examples), histories, histories, HORIZON)


# --- what is kept --------------------------------------------------------------------


def trained(coefficient: float) -> Trained:
    lines = [
        Parameter("served", "logistic_weight", 1.0, meaning="why"),
        Parameter("logistic", "recency_days", coefficient, 3.5),
    ]
    return Trained(lines, "told")


def test_a_model_is_kept_as_text_and_serves_from_the_day_after(settings, raw):
    said = fitting.keep_model(settings, JUNE_30, trained(0.25))
    weight, recency = sorted(
        raw("tierkeeper/models"), key=lambda row: row["component"], reverse=True
    )
    assert said.startswith(f"the model {weight['model_version']}, read from {JULY_1}")
    assert (weight["fitted_through"], weight["serves_from"]) == (
        "2026-06-30",
        "2026-07-01",
    )
    assert (recency["coefficient"], recency["reference_value"]) == (
        "0.2500000000",
        "3.5000000000",
    )
    declared = {column.name for column in feeds()["tierkeeper", "models"].columns}
    assert {name for name in weight if not name.startswith("_")} == declared


def test_a_model_is_kept_once_and_never_before_a_later_one(settings, raw):
    fitting.keep_model(settings, JULY_1, trained(0.25))
    assert fitting.keep_model(settings, JULY_1, trained(0.25)).startswith("nothing new")
    said = fitting.keep_model(settings, JUNE_30, trained(0.5))
    assert said == "nothing is kept, for a model after 2026-06-30 is there"
    assert len(raw("tierkeeper/models")) == 2


def test_a_warehouse_without_features_is_not_whole(settings):
    settings.warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(settings.warehouse)).close()
    with pytest.raises(fitting.NotReady, match="is not whole: run `make nightly`"):
        fitting.train(settings)
