"""Companies at the edge: every score of churn is a number or says why there is none.

Other hard cases stand where their rule is: rows told later in test_as_of, a customer
merged within a warning in test_identity, two nights of one day in test_decisions.
"""

import dataclasses
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import companies
import dagster as dg
import pytest
from companies import Builder, Warehouse

from benchmarks import bare
from orchestration import fitting, landing
from orchestration.settings import Settings

MARTS = f"{bare.MARTS}.marts"
JUNE_30 = date(2026, 6, 30)
MONTH_ENDS_AFTER = [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), JUNE_30]
CUSTOMERS = 520  # enough to learn from


SCORES = f"{MARTS}.churn_scores"


# --- companies -----------------------------------------------------------------------


def put(settings: Settings, feed: str, header: str, lines: Iterable[str]) -> None:
    """The one export of a feed, "<source>/<feed>"."""
    inbox = settings.landing_dir / feed
    inbox.mkdir(parents=True)
    (inbox / f"all_{JUNE_30}.csv").write_text("\n".join([header, *lines]) + "\n")


def orders(settings: Settings, bought: Iterable[tuple[str, date]]) -> None:
    put(
        settings,
        "shop/orders",
        "order_id,source_customer_id,ordered_at,status,currency,gross_amount",
        (
            f"O{number},{customer},{day} 12:00:00,completed,CNY,{100 + number % 7}"
            for number, (customer, day) in enumerate(bought)
        ),
    )


def nobody_churns(settings: Settings) -> None:
    """Each buys every 30 to 50 days, long enough to learn from."""
    orders(
        settings,
        (
            (f"S{number}", date(2025, 8, 1) + timedelta(days))
            for number in range(CUSTOMERS)
            for days in range(number % 30, 333, 30 + number % 21)
        ),
    )


def one_time_buyers(settings: Settings) -> None:
    orders(
        settings,
        (
            (f"S{number}", date(2025, 3, 1) + timedelta(number % 486))
            for number in range(CUSTOMERS)
        ),
    )


def contracts_alone(settings: Settings) -> None:
    """Firms under a contract of a year, every other one renewed; no shop at all."""
    put(
        settings,
        "crm/customers",
        "source_customer_id,customer_name,customer_type,created_at",
        (
            f"C{number},公司{number},company,2025-02-01 09:00:00"
            for number in range(CUSTOMERS)
        ),
    )
    put(
        settings,
        "crm/contracts",
        "contract_id,source_customer_id,starts_on,ends_on,amount",
        (
            f"CT{number}-{year},C{number},{year}-03-01,{year + 1}-02-28,12000"
            for number in range(CUSTOMERS)
            for year in (2025, 2026)[: 1 + number % 2]
        ),
    )


# --- building ------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A company, what its scores must be, and what a fit must say of it.

    unscored: reasons of the run's day, each with its customers; None is a score.
    """

    make: Callable[[Builder, Path], Settings]
    unscored: dict[str | None, int]
    sentence: str


def landed(make: Callable[[Settings], None]) -> Callable[[Builder, Path], Settings]:
    def land(builder: Builder, folder: Path) -> Settings:
        settings = companies.installation(folder)
        make(settings)
        assert companies.land(settings, 0) is not None
        return settings

    return land


def by_hand(builder: Builder, folder: Path) -> Settings:
    """The raw of tests/landing, and of what it decided, in a folder of its own.

    Without the model that it has elsewhere as if one could be fitted to so few.
    """
    settings = companies.installation(folder)
    shutil.copytree(builder.company("by_hand").settings.raw, settings.raw)
    for batch in (settings.raw / landing.OURS / "models").glob("*.parquet"):
        if batch.name != landing.SHAPE:
            batch.unlink()
    return settings


TOO_FEW = (
    "No score was fitted: {} customers valued by orders could be warned of on the "
    "newest month end whose 90 days are over, and it is learned from 500 on."
)
CASES = {
    "nobody_churns": Case(
        landed(nobody_churns),
        {"nobody_left": CUSTOMERS},
        "No score was fitted: none of 520 customers were lost within 90 days, so "
        "nothing could be told apart.",
    ),
    "one_time_buyers": Case(
        landed(one_time_buyers), {"not_eligible": CUSTOMERS}, TOO_FEW.format(0)
    ),
    "contracts_alone": Case(
        landed(contracts_alone),
        {"not_eligible": 260, None: 260},
        TOO_FEW.format(0),
    ),
    "under_500": Case(
        by_hand,
        {"few_customers": 21, "not_eligible": 12, "few_renewals": 5},
        TOO_FEW.format(21),
    ),
}


@dataclass(frozen=True)
class Built:
    """A case with its marts of churn; `said` is what a fit to them ended with."""

    case: Case
    warehouse: Warehouse
    said: str

    def rows(self, sql: str) -> list[tuple]:
        return self.warehouse.connection.execute(sql).fetchall()


@pytest.fixture(scope="module", params=CASES)
def built(request, builder, tmp_path_factory):
    case = CASES[request.param]
    settings = case.make(builder, tmp_path_factory.mktemp(request.param))
    settings = companies.at(settings, as_of_date=JUNE_30)
    settings.warehouse.parent.mkdir(parents=True)
    warehouse = Warehouse(marts_of_churn(builder), settings)
    # In the files where a night leaves them, for a fit opens these.
    warehouse.connection = bare.connect(settings, settings.warehouse)
    warehouse.build(full=True).close()
    with pytest.raises(dg.Failure) as failure:
        fitting.score(settings)
    warehouse.connection = bare.connect(settings, settings.warehouse)
    yield Built(case, warehouse, failure.value.description)
    warehouse.close()


def marts_of_churn(builder: Builder) -> bare.Project:
    """With all that they read."""
    wanted = {
        model.relation
        for mart in builder.project.models
        if mart.relation.startswith(f"{MARTS}.churn_")
        for model in companies.upstream(builder.project, mart.name).models
    }
    models = tuple(one for one in builder.project.models if one.relation in wanted)
    return dataclasses.replace(builder.project, models=models)


# --- a base that teaches nothing -----------------------------------------------------


def test_every_score_is_a_probability_or_says_why_there_is_none(built):
    found = built.rows(
        "select unscored_reason, churn_probability, model_version "
        f"from {SCORES} where evaluation_date = '{JUNE_30}'"
    )
    assert Counter(reason for reason, *_ in found) == built.case.unscored
    for reason, probability, model in found:
        if reason:
            assert (probability, model) == (None, None)
        else:
            assert 0 <= probability <= 1 and model == "renewals-1"


def test_no_number_of_a_mart_of_churn_is_none_at_all(built):
    columns = built.rows(
        "select table_name, column_name from duckdb_columns() where schema_name = "
        "'marts' and table_name like 'churn_%' and data_type in ('DOUBLE', 'FLOAT')"
    )
    assert len(columns) > 10
    for table, column in columns:
        assert built.rows(
            f"select count(*) from {MARTS}.{table} "
            f"where isnan({column}) or isinf({column})"
        ) == [(0,)], (table, column)


def test_a_fit_that_learns_nothing_says_so_in_one_sentence_and_keeps_nothing(built):
    assert built.said == built.case.sentence
    assert built.rows("from raw.tierkeeper_models") == []


@pytest.mark.parametrize("built", ["nobody_churns"], indirect=True)
def test_where_nobody_left_naive_rules_serve_and_nothing_that_needs_a_loss_is_measured(
    built,
):
    metrics = {
        metric
        for (metric,) in built.rows(
            f"select distinct metric_code from {MARTS}.churn_backtest"
        )
    }
    assert "precision" in metrics
    assert not metrics & {"auc", "auc_gain", "recall", "lift", "value_caught"}
    rankings = built.rows(f"select distinct ranking_code from {MARTS}.churn_backtest")
    assert ("recency",) in rankings and ("indicators",) in rankings
    assert not {("served",), ("logistic",), ("bgnbd",)} & set(rankings)
    assert built.rows(f"from {MARTS}.churn_calibration") == []


@pytest.mark.parametrize("built", ["contracts_alone"], indirect=True)
def test_contracts_alone_are_scored_by_what_became_of_those_that_ended(built):
    """All begin in March 2025 for a year, and every other one is not renewed.

    Of 2,080 customers at four month ends from November on, whose contract ended within
    90 days, 780 were lost at the three from December on; of 4,420 others none.
    """
    assert built.rows(
        "select evaluation_date, count(*), count(churn_probability), "
        f"any_value(unscored_reason) from {SCORES} where is_eligible "
        "and evaluation_date >= '2026-02-28' group by 1 order by 1"
    ) == [
        (date(2026, 2, 28), 520, 0, "few_renewals"),
        *[(month_end, 260, 260, None) for month_end in MONTH_ENDS_AFTER],
    ]
    everyone = 780 / 6_500
    others = 10 * everyone / (4_420 + 10)
    ((probability,),) = built.rows(
        f"select distinct churn_probability from {SCORES} "
        f"where evaluation_date = '{JUNE_30}' and is_eligible"
    )
    assert probability == pytest.approx(10 * others / (4_420 + 10), rel=1e-9)
    assert built.rows(
        "select evaluation_date, customer_count, lost_count "
        f"from {MARTS}.churn_renewal_backtest"
    ) == [(date(2026, 3, 31), 260, 0)]


def test_another_end_of_a_contract_that_is_signed_changes_the_scores_before_it_begins(
    builder, tmp_path
):
    """C0 runs until August, and signs in June for half of September, or for a year."""
    settings = companies.at(
        landed(contracts_alone)(builder, tmp_path), as_of_date=JUNE_30
    )
    warehouse = Warehouse(companies.upstream(builder.project, "churn_scores"), settings)
    warehouse.prepare()

    def told(contract: str, starts_on: str, ends_on: str, updated_on: str) -> str:
        return (
            f"select * replace ('{contract}' as contract_id, '{starts_on}' as "
            f"starts_on, '{ends_on}' as ends_on, '{updated_on} 09:00:00' as "
            f"updated_at, _batch || '{updated_on}' as _batch) "
            "from raw.crm_contracts where contract_id = 'CT0-2025'"
        )

    def probability(*told: str, full: bool = False) -> float:
        warehouse.replace_raw(
            {"crm_contracts": " union all ".join(["from raw.crm_contracts", *told])}
        )
        warehouse.run_models(full=full)
        ((found,),) = warehouse.connection.execute(
            f"select churn_probability from {SCORES} "
            "inner join restricted.int_records__resolved using (customer_key) "
            f"where record_id = 'C0' and evaluation_date = '{JUNE_30}'"
        ).fetchall()
        return found

    short = probability(
        told("CT0-b", "2026-03-01", "2026-08-31", "2026-02-20"),
        told("CT0-c", "2026-09-01", "2026-09-15", "2026-06-10"),
        full=True,
    )
    long = probability(told("CT0-c", "2026-09-01", "2027-08-31", "2026-06-11"))
    assert long < short / 2
    assert long == probability(full=True)
    warehouse.close()


@pytest.mark.parametrize("built", ["one_time_buyers", "contracts_alone"], indirect=True)
def test_where_nobody_has_a_score_nothing_is_looked_back_at(built):
    for mart in ("churn_backtest", "churn_calibration"):
        assert built.rows(f"from {MARTS}.{mart}") == []


# --- what no score hangs on ----------------------------------------------------------


@pytest.mark.parametrize("built", ["under_500"], indirect=True)
def test_a_ledger_that_is_delivered_twice_opens_no_warning_twice(built, tmp_path):
    warehouse = built.warehouse
    expected = warehouse.keep(tmp_path / "once.duckdb")
    ledger = "tierkeeper_decisions"
    assert built.rows(f"from {MARTS}.churn_warnings"), "nobody was ever warned of"
    again = f"select * replace (_batch || ' again' as _batch) from raw.{ledger}"
    warehouse.replace_raw({ledger: f"from raw.{ledger} union all {again}"})
    warehouse.run_models()
    assert not companies.differences(warehouse, expected, schemas=("marts",))


def scores(builder: Builder, queries: dict[str, str]) -> dict[tuple, tuple]:
    """Scores of tests/landing by namespace, record and day; `queries` replace raw."""
    settings = builder.company("by_hand").settings
    warehouse = Warehouse(
        companies.upstream(builder.project, "churn_scores"),
        companies.at(settings, as_of_date=JUNE_30),
    )
    warehouse.prepare()
    warehouse.replace_raw(queries)
    warehouse.run_models(full=True)
    found = warehouse.connection.execute(
        "select namespace, record_id, evaluation_date, unscored_reason, "
        "signal_sources, model_version, value_at_risk_amount, "
        "round(churn_probability, 12) "
        f"from {SCORES} inner join restricted.int_records__resolved "
        "using (customer_key)"
    ).fetchall()
    warehouse.close()
    return {row[:3]: row[3:] for row in found}


@pytest.fixture(scope="module")
def as_it_is(builder):
    return scores(builder, {})


def test_whoever_has_another_number_everywhere_has_the_same_score(builder, as_it_is):
    renamed = {
        table: [
            column["name"]
            for column in contract["columns"]
            if column["name"].endswith("_id") or column["name"] == "id_in_shop"
        ]
        for table, contract in companies.contracts(builder.project).items()
    }
    found = scores(
        builder,
        {
            table: "select * replace ("
            + ", ".join(f"reverse(trim({one})) as {one}" for one in columns)
            + f") from raw.{table}"
            for table, columns in renamed.items()
            if columns
        },
    )
    assert as_it_is == {
        (namespace, record[::-1], day): told
        for (namespace, record, day), told in found.items()
    }


def test_an_answer_after_the_loss_changes_no_score_before_its_day(builder, as_it_is):
    """All answer on one day, and badly: whoever was lost by then as well."""
    day = date(2026, 6, 10)
    found = scores(
        builder,
        {
            "survey_responses": "from raw.survey_responses union all by name "
            "select 'late ' || source_customer_id as response_id, 'Q1' as "
            "question_code, source_customer_id, 'csat' as survey_type, '1' as score, "
            f"'{day} 12:00:00' as responded_at, 'late' as _batch, 'late' as _file, "
            f"timestamp '{JUNE_30}' as _exported_at, "
            "row_number() over (order by source_customer_id) as _row_number "
            "from (select distinct source_customer_id from raw.crm_customers)"
        },
    )
    assert found.keys() == as_it_is.keys()
    changed = [key for key in found if found[key] != as_it_is[key]]
    assert {at for _, _, at in changed} == {JUNE_30}
    lost = {
        (namespace, record)
        for (namespace, record, at), (reason, *_) in as_it_is.items()
        if at == JUNE_30 and reason == "not_eligible" and namespace == "crm"
    }
    assert any(
        (namespace, record) in lost and reason is None
        for (namespace, record, _), (reason, *_) in as_it_is.items()
    ), "nobody who was lost ever had a score"
