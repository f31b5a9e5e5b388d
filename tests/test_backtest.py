"""The backtest of scores: SQL says what plain pairs of customers say."""

from datetime import date

import companies
import numpy as np
import pytest

from benchmarks import bare
from scoring import measures

BACKTEST = f"{bare.MARTS}.marts.churn_backtest"
JUNE_30 = date(2026, 6, 30)
RANKINGS = {
    "served": "churn_probability",
    "recency": "recency_days",
    "value": "net_revenue_365_amount",
}


@pytest.fixture(scope="module")
def warehouse(builder):
    company = builder.company("by_hand")
    warehouse = builder.warehouse(companies.at(company.settings, as_of_date=JUNE_30))
    warehouse.build(full=True)
    yield warehouse
    warehouse.close()


def segments(outcomes: dict, row: int) -> set[tuple[str, str]]:
    found = {
        ("all", "all"),
        ("tier", outcomes["tier_code"][row]),
        ("customer_type", outcomes["policy_customer_type"][row]),
    }
    return found | ({("recency", "recent")} if outcomes["is_recent"][row] else set())


def placements(score: np.ndarray, lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each lost and of each kept, the share of pairs that are right."""
    lost_scores, kept_scores = score[lost][:, None], score[~lost][None, :]
    right = (lost_scores > kept_scores) + 0.5 * (lost_scores == kept_scores)
    return right.mean(1), right.mean(0)


def margin(of_lost: np.ndarray, of_kept: np.ndarray) -> float:
    parts = [one.var(ddof=1) / len(one) for one in (of_lost, of_kept)]
    return 1.96 * np.sqrt(sum(parts))


def test_every_auc_gain_and_interval_is_that_of_all_pairs(warehouse):
    outcomes = warehouse.connection.execute(
        "from intermediate.int_churn_outcomes__measured order by all"
    ).fetchnumpy()
    found = {
        row[:4]: row[4:]
        for row in warehouse.connection.execute(
            "select evaluation_date, ranking_code, (segment_kind, segment_code), "
            "metric_code, metric_value, metric_lower, metric_upper "
            f"from {BACKTEST} where metric_code in ('auc', 'auc_gain')"
        ).fetchall()
    }
    checked = 0
    days = outcomes["evaluation_date"].astype("datetime64[D]").astype(object)
    of_row = [segments(outcomes, row) for row in range(len(days))]
    for day in sorted(set(days)):
        for segment in set.union(*of_row):
            chosen = np.array(
                [
                    one == day and segment in ones
                    for one, ones in zip(days, of_row, strict=True)
                ]
            )
            lost = outcomes["is_lost"][chosen]
            if min(lost.sum(), (~lost).sum()) < 2:
                continue
            score = {
                name: np.asarray(outcomes[column][chosen], float).round(6)
                for name, column in RANKINGS.items()
            }
            served = placements(score["served"], lost)
            for name in RANKINGS:
                own = placements(score[name], lost)
                key = (day, name, segment)
                value, lower, upper = found[(*key, "auc")]
                assert value == pytest.approx(measures.auc(score[name], lost))
                assert value == pytest.approx(own[0].mean())
                width = margin(*own)
                assert lower == pytest.approx(max(value - width, 0))
                assert upper == pytest.approx(min(value + width, 1))
                if name != "served":
                    gains = [a - b for a, b in zip(served, own, strict=True)]
                    value, lower, upper = found[(*key, "auc_gain")]
                    assert value == pytest.approx(gains[0].mean(), abs=1e-12)
                    assert upper - value == pytest.approx(margin(*gains), abs=1e-9)
                    assert value - lower == pytest.approx(margin(*gains), abs=1e-9)
                checked += 1
    assert checked > 10


def test_a_list_as_long_as_all_holds_all_and_the_value_of_all(warehouse):
    """43 customers are fewer than a week's work, so nothing can be missed."""
    metrics = warehouse.connection.execute(
        f"select distinct metric_code, round(metric_value, 9) from {BACKTEST} "
        "where metric_code in ('recall', 'value_caught', 'lift') "
        "and segment_kind = 'all'"
    ).fetchall()
    assert sorted(metrics) == [("lift", 1.0), ("recall", 1.0), ("value_caught", 1.0)]


def test_tenths_hold_every_customer_once_and_the_likeliest_first(warehouse):
    tenths = warehouse.connection.execute(
        "select evaluation_date, ranking_code, sum(customer_count), "
        "list(foretold_share order by tenth) "
        f"from {bare.MARTS}.marts.churn_calibration group by all"
    ).fetchall()
    counted = dict(
        warehouse.connection.execute(
            "select evaluation_date, count(*) "
            "from intermediate.int_churn_outcomes__measured group by all"
        ).fetchall()
    )
    assert {ranking for _, ranking, *_ in tenths} == {"served", "bgnbd", "logistic"}
    for day, _, customers, shares in tenths:
        assert customers == counted[day]
        assert shares == sorted(shares, reverse=True)


def test_the_effect_of_acting_has_the_interval_of_the_literature(warehouse):
    """Newcombe (1998), method 10: 56 of 70 against 48 of 80, and a month before it."""
    warehouse.connection.execute(
        "create or replace view intermediate.int_warnings__followed as "
        "select range < 70 as is_control, "
        "if(is_control, range < 56, range - 70 < 48) as is_kept, "
        "range % 2 = 0 as is_contacted, "
        "if(range % 10 = 0, date '2026-02-01', date '2026-03-31') as opened_on "
        "from range(150)"
    )
    (sql,) = (
        model.full
        for model in warehouse.project.models
        if model.name == "churn_warning_effect"
    )
    months = warehouse.connection.execute(
        "select month, treated_count, control_count, control_contacted_count, "
        "treated_count_so_far, control_count_so_far, effect_so_far, effect_lower, "
        f"effect_upper from ({sql}) order by month"
    ).fetchall()
    assert [row[:6] for row in months] == [
        (date(2026, 2, 1), 8, 7, 7, 8, 7),
        (date(2026, 3, 1), 72, 63, 28, 80, 70),
    ]
    assert months[-1][6:] == pytest.approx((-0.2, -0.3339, -0.0524), abs=5e-5)


def test_nothing_after_the_horizon_and_no_open_month_end_is_looked_at(warehouse):
    (last,) = warehouse.connection.execute(
        f"select max(evaluation_date) from {BACKTEST}"
    ).fetchone()
    assert last == date(2026, 3, 31)
