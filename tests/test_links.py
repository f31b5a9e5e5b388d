"""Probable links: what a fit appends, who sees it from when, and how right it is."""

from datetime import date
from math import log2

import dagster as dg
import duckdb
import pytest
from conftest import read_batches

from orchestration import definitions, fitting, linking
from orchestration.contracts import feeds
from orchestration.settings import from_environment
from seeds.generator import company
from seeds.generator.world import World, macros

JUNE_30, JULY_1 = date(2026, 6, 30), date(2026, 7, 1)
PAIR = ("crm", "C1", "shop", "S1", 0.9912, 6.816, "email=exact+17.2;name=near+9.8")


def model(*pairs: tuple, digest: str = "a", prior: float = 0.001) -> linking.Fitted:
    weight = linking.Weight("email", "exact", 0.5, 0.0000025, log2(200_000))
    return linking.Fitted(digest, prior, [weight], list(pairs))


# --- what is kept --------------------------------------------------------------------


def test_a_fit_is_kept_as_text_and_serves_from_the_day_after(settings, raw):
    said = fitting.keep(settings, JUNE_30, model(PAIR))
    (link,) = raw("tierkeeper/links")
    assert (
        said == f"1 pairs by the model {link['model_version']}, read from {JULY_1} on"
    )
    assert link["model_version"].startswith("2026-07-01.01.")
    assert (link["fitted_on"], link["serves_from"]) == ("2026-06-30", "2026-07-01")
    assert link["match_probability"] == "0.991200"
    # The end of the first day that reads it: no row is later than its export.
    assert str(link["_exported_at"]) == "2026-07-01 15:59:59.999999"
    prior, weight = sorted(
        raw("tierkeeper/link_weights"), key=lambda row: row["comparison"], reverse=True
    )
    assert (prior["comparison"], prior["m_probability"]) == ("prior", None)
    assert float(prior["match_weight"]) == pytest.approx(log2(0.001 / 0.999), abs=1e-4)
    assert (weight["m_probability"], weight["u_probability"]) == (
        "0.5000000000",
        "0.0000025000",
    )


def test_every_declared_column_is_kept_and_no_other(settings, raw):
    fitting.keep(settings, JUNE_30, model(PAIR))
    for name in ("links", "link_weights"):
        declared = {column.name for column in feeds()["tierkeeper", name].columns}
        kept = {c for c in raw(f"tierkeeper/{name}")[0] if not c.startswith("_")}
        assert kept == declared


def test_a_kept_batch_is_in_the_ledger_of_files(settings):
    fitting.keep(settings, JUNE_30, model(PAIR))
    lines = duckdb.sql(
        "select feed, status, row_count, batch from read_parquet("
        f"'{settings.raw / 'tierkeeper' / 'files' / '*.parquet'}') order by feed"
    ).fetchall()
    batches = {
        name: next((settings.raw / "tierkeeper" / name).glob("*.parquet")).stem
        for name in ("link_weights", "links")
    }
    assert lines == [
        ("link_weights", "loaded", 2, batches["link_weights"]),
        ("links", "loaded", 1, batches["links"]),
    ]


def test_the_same_fit_on_the_same_day_adds_nothing(settings, raw):
    fitting.keep(settings, JUNE_30, model(PAIR))
    before = raw("tierkeeper/links")
    assert fitting.keep(settings, JUNE_30, model(PAIR)).startswith("nothing new")
    assert raw("tierkeeper/links") == before


def test_another_fit_on_the_same_day_stands_beside_the_first(settings, raw):
    fitting.keep(settings, JUNE_30, model(PAIR))
    fitting.keep(settings, JUNE_30, model(PAIR, digest="b"))
    first, second = sorted(row["model_version"] for row in raw("tierkeeper/links"))
    assert first.startswith("2026-07-01.01.")
    assert second.startswith("2026-07-01.02.")
    ids = {row["link_id"] for row in raw("tierkeeper/links")}
    assert len(ids) == 2


def test_a_look_back_keeps_nothing(settings, raw):
    fitting.keep(settings, JULY_1, model(PAIR))
    said = fitting.keep(settings, JUNE_30, model(PAIR, digest="b"))
    assert said == "nothing is kept, for a model after 2026-06-30 is there"
    assert len(raw("tierkeeper/links")) == 1


def test_a_model_that_links_nobody_is_kept_all_the_same(settings, raw):
    fitting.keep(settings, JUNE_30, model())
    assert not (settings.raw / "tierkeeper" / "links").exists()
    assert len(raw("tierkeeper/link_weights")) == 2


# --- when there is nothing to fit ----------------------------------------------------


def test_without_splink_one_sentence_says_what_to_do(settings, monkeypatch, capsys):
    monkeypatch.setattr(linking.importlib.util, "find_spec", lambda _: None)
    assert fitting.run(settings, 0.0, ["links"]) == 1
    assert capsys.readouterr().err == (
        "Splink is not installed, which probable links need: "
        "`make .venv/links-ready` adds the extra `links`.\n"
    )


def test_what_is_not_fitted_here_is_named(settings, capsys):
    assert fitting.run(settings, 0.0, ["tiers"]) == 1
    assert capsys.readouterr().err == (
        "Nothing to fit is named 'tiers': links or scores.\n"
    )


def test_without_a_warehouse_one_sentence_says_what_to_do(
    settings, monkeypatch, capsys
):
    monkeypatch.setattr(linking, "missing", lambda: "")
    assert fitting.run(settings, 0.0) == 1
    assert capsys.readouterr().err == (
        f"There is no warehouse in {settings.data_dir} to learn from: "
        "run `make nightly` first.\n"
    )


def test_a_warehouse_without_identifiers_is_not_whole(settings):
    settings.warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(settings.warehouse)).close()
    with pytest.raises(fitting.NotReady, match="is not whole: run `make nightly`"):
        fitting.fit(settings)


def test_a_night_fits_nothing_and_a_fit_runs_no_night(tmp_path):
    platform = definitions.build(from_environment({"DATA_DIR": str(tmp_path)}))
    fitted = {dg.AssetKey(["fitted", name]) for name in ("links", "scores")}
    chosen = {
        name: platform.resolve_job_def(name).asset_layer.executable_asset_keys
        for name in ("nightly", "fit")
    }
    assert chosen["fit"] == fitted
    assert not fitted & chosen["nightly"]
    assert dg.AssetKey("published") in chosen["nightly"]


@pytest.mark.parametrize(
    ("m", "u", "said"),
    [
        (None, 0.1, "email cannot be weighed from these records, for exact is in no"),
        (0.2, 0.3, "email cannot be weighed from these records, for exact is m 0.2"),
    ],
)
def test_weights_that_make_no_sense_are_not_used(m, u, said):
    found = {("email", "exact"): (m, u), ("email", "differs"): (0.1, 0.9)}
    with pytest.raises(linking.CannotFit, match=said):
        linking.check(found, ["email"])


def test_pairs_of_one_person_do_not_count_as_agreement_by_chance():
    weights = {
        "mostly of one": (0.5, 0.0105),
        "all of one": (0.8, 0.0100),
        "all the rest": (0.1, 0.9999),
    }
    cleared = linking.without_pairs_of_one(weights, prior=0.02)
    assert cleared["mostly of one"] == (0.5, pytest.approx(0.0105 / 10))
    assert cleared["all of one"] == (0.8, pytest.approx(0.0100 / 10))
    assert cleared["all the rest"] == (0.1, 1.0)
    halved = linking.without_pairs_of_one({"half": (0.5, 0.01)}, prior=0.01)
    assert halved["half"] == (0.5, pytest.approx(0.005 / 0.99))


# --- what is compared ----------------------------------------------------------------


@pytest.fixture
def prepared():
    """The records that Splink would see of (name, e-mail, phone, birth date) rows."""

    def rows(columns: str, told: list[tuple]) -> list[tuple]:
        with duckdb.connect() as connection:
            connection.execute(
                "create table given_records (namespace varchar, record_id varchar, "
                "name varchar, email varchar, phone varchar, birth_date varchar, "
                "city varchar)"
            )
            connection.executemany(
                "insert into given_records values ('crm', ?, ?, ?, ?, ?, null)",
                [[f"C{n:05}", *row] for n, row in enumerate(told)],
            )
            connection.execute(linking.PREPARED)
            return connection.execute(
                f"select {columns} from linked_records order by unique_id"
            ).fetchall()

    return rows


def test_names_of_either_script_have_a_surname_and_a_given_name(prepared):
    told = ("王小明", "欧阳娜", "欧阳", "王 芳", "Anna Maria  Smith", "Bono")
    found = prepared("surname, given_name", [(name, None, None, None) for name in told])
    assert found == [
        ("王", "小明"),
        ("欧阳", "娜"),
        ("欧", "阳"),
        ("王", "芳"),
        ("smith", "anna"),
        (None, "bono"),
    ]


def test_a_contact_that_many_share_is_nobodys(prepared):
    few, many = linking.SHARED_BY, linking.SHARED_BY + 1
    told = [(f"n{n}", "us@shop.example", "13900000001", None) for n in range(few)]
    told += [(f"m{n}", "desk@shop.example", "4008200188", None) for n in range(many)]
    found = prepared("email, phone", told)
    assert set(found[:few]) == {("us@shop.example", "13900000001")}
    assert set(found[few:]) == {(None, None)}


def test_a_key_of_many_records_pairs_none_of_them(prepared):
    """张伟, born on the first of January, may be half of a careless company."""
    few, many = linking.LARGEST_BLOCK, linking.LARGEST_BLOCK + 1
    told = [("王芳", None, None, "1980-02-03")] * few
    told += [("张伟", None, None, "1970-01-01")] * many
    found = prepared(", ".join(linking.BLOCKS), told)
    assert any(key is not None for row in found[:few] for key in row)
    assert all(key is None for row in found[few:] for key in row)


# --- how right it is -----------------------------------------------------------------


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    """A build of a company with many twins: identifiers, and whose each record is."""
    file = tmp_path_factory.mktemp("links") / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(macros(World(customers=4000, seed=3, twin_share=0.2)))
        for step in sorted((company.HERE / "sql").glob("0[0123458]*.sql")):
            connection.execute(step.read_text("utf-8"))
        connection.execute(r"""
            create schema intermediate;
            create table intermediate.run_parameters as
            select date '2026-06-30' as as_of_date;
            create schema restricted;
            create table restricted.int_identifiers__normalised as
            with told as (
                select
                    'crm' as namespace,
                    source_customer_id as record_id,
                    if(is_firm, 'company', 'person') as customer_type,
                    unnest([
                        ('name', replace(lower(customer_name), '　', '')),
                        ('email', if(
                            email in ('none@example.com', 'test@example.com',
                                'noemail@example.com'),
                            null,
                            regexp_replace(lower(email), '\+[^@]*', '')
                        )),
                        ('phone', right(regexp_replace(translate(
                            nullif(phone, '400-820-0188'), '０１２３４５６７８９',
                            '0123456789'
                        ), '[^0-9]', '', 'g'), 11)),
                        ('birth_date', birth_date::varchar)
                    ]) as pair
                from records
            )
            select
                namespace, record_id, pair[1] as attribute, pair[2] as value,
                customer_type, true as is_current,
                timestamp '2026-01-01 00:00:00' as first_told_at
            from told;
        """)
    return file


@pytest.fixture(scope="module")
def fitted(warehouse, tmp_path_factory, needs_links):
    """(settings, model, connection with the planted truth) of one fit."""
    settings = from_environment(
        {"DATA_DIR": str(tmp_path_factory.mktemp("data")), "THREADS": "2"}
    )
    settings.warehouse.parent.mkdir(parents=True)
    settings.warehouse.write_bytes(warehouse.read_bytes())
    day, found = fitting.fit(settings)
    assert day == JUNE_30
    with duckdb.connect(str(warehouse)) as truth:
        truth.execute("drop table if exists linked")
        truth.execute(
            "create table linked (namespace varchar, record_id varchar, other varchar, "
            "other_id varchar, probability double, weight double, evidence varchar)"
        )
        truth.executemany(
            "insert into linked values (?, ?, ?, ?, ?, ?, ?)", found.pairs
        )
        truth.execute("""
            create or replace view identified as
            pivot (
                select record_id, attribute, value
                from restricted.int_identifiers__normalised
            ) on attribute in ('name', 'email', 'phone') using any_value(value);
            create or replace view same_person as
            select one.source_customer_id as record_id,
                other.source_customer_id as other_id, other.kind
            from records as one
            inner join records as other on one.person = other.person
                and one.source_customer_id < other.source_customer_id
            where not one.is_firm;
            create or replace view by_rule as
            select one.record_id, other.record_id as other_id
            from identified as one
            inner join identified as other on one.name = other.name
                and one.record_id < other.record_id
                and (one.email = other.email or one.phone = other.phone)
            union
            select one.source_customer_id, other.source_customer_id
            from records as one
            inner join records as other
                on one.source_customer_id < other.source_customer_id
                and (one.wechat_union_id = other.wechat_union_id
                    or one.loyalty_card_no = other.loyalty_card_no);
        """)
        yield settings, found, truth


@pytest.mark.links
def test_links_find_a_tenth_more_than_exact_rules_and_hardly_err(fitted):
    _, _, truth = fitted
    right, linked = truth.execute("""
        select count(same_person.kind), count(*)
        from linked left join same_person using (record_id, other_id)
        where probability >= 0.99
    """).fetchone()
    assert right / linked >= 0.99
    by_rule, by_both = truth.execute("""
        with known as (
            select record_id, other_id, true as is_by_rule from by_rule
            union all
            select record_id, other_id, false from linked where probability >= 0.99
        )
        select avg(coalesce(is_by_rule, false)::integer),
            avg((is_by_rule is not null)::integer)
        from same_person left join (
            select record_id, other_id, bool_or(is_by_rule) as is_by_rule
            from known group by all
        ) using (record_id, other_id)
    """).fetchone()
    assert by_both >= by_rule + 0.10


@pytest.mark.links
def test_slips_of_the_keyboard_are_found(fitted):
    _, _, truth = fitted
    found, planted = truth.execute("""
        select count(linked.record_id), count(*)
        from same_person left join linked
            on same_person.record_id = linked.record_id
            and same_person.other_id = linked.other_id and probability >= 0.99
        where kind = 'near_typing_error'
    """).fetchone()
    assert planted > 30
    assert found >= 0.95 * planted


@pytest.mark.links
@pytest.mark.parametrize(
    "trap",
    ["born_twins", "family_phone", "reused_email", "shop_phone", "same_name"],
)
def test_who_only_looks_alike_is_not_linked(fitted, trap):
    _, _, truth = fitted
    planted, caught = truth.execute(
        """
        select count(distinct source_customer_id), count(linked.record_id)
        from records left join linked
            on source_customer_id in (linked.record_id, linked.other_id)
            and probability >= 0.99
            and (linked.record_id, linked.other_id) not in (
                select (record_id, other_id) from same_person
            )
        where trap = ?
        """,
        [trap],
    ).fetchone()
    assert planted > 0
    assert caught == 0


@pytest.mark.links
def test_the_order_of_records_and_the_threads_change_nothing(fitted):
    settings, found, _ = fitted
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"attach '{settings.warehouse}' as build (read_only)")
        connection.execute(
            "create table told as from build.restricted.int_identifiers__normalised "
            "order by md5(record_id || attribute)"
        )
        again = linking.links(linking.records(connection.table("told")), connection)
    assert again == found


@pytest.mark.links
def test_evidence_tells_traits_and_no_value(fitted):
    _, found, _ = fitted
    levels = {
        f"{trait}={level}"
        for trait, levels in linking.LEVELS.items()
        for level in [*levels, "differs"]
    }
    seen = {
        item.rstrip("0123456789.").rstrip("+-")
        for pair in found.pairs
        for item in pair[6].split(";")
    }
    assert seen <= levels
    assert {"email=near", "phone=near", "name=exact"} <= seen


@pytest.mark.links
def test_each_pair_is_in_order_and_probable_enough_for_review(fitted):
    _, found, _ = fitted
    assert all(pair[:2] < pair[2:4] for pair in found.pairs)
    probabilities = [pair[4] for pair in found.pairs]
    assert min(probabilities) >= fitting.LEAST_PROBABILITY
    assert min(probabilities) < 0.99


@pytest.mark.links
@pytest.mark.usefixtures("needs_links")
@pytest.mark.parametrize(
    ("records", "said"),
    [
        (20, "20 records tell a name, e-mail, phone or birth date, and links"),
        (600, "0 pairs of records agree in name and contact, and links"),
    ],
)
def test_too_little_to_learn_from_is_said(records, said):
    with duckdb.connect() as connection:
        people = connection.sql(
            "select 'crm' as namespace, 'C' || range as record_id, "
            "'n' || range as name, range || '@example.com' as email "
            f"from range({records})"
        )
        with pytest.raises(linking.CannotFit, match=said):
            linking.links(people, connection)


@pytest.mark.links
@pytest.mark.usefixtures("needs_links")
def test_a_name_and_a_birth_date_alone_teach_nothing():
    with duckdb.connect() as connection:
        people = connection.sql(
            "select 'crm' as namespace, 'C' || range as record_id, "
            "'n' || range // 2 as name, "
            "cast(date '1960-01-01' + (range // 2)::integer as varchar) as birth_date "
            "from range(600)"
        )
        with pytest.raises(linking.CannotFit, match="name cannot be weighed"):
            linking.links(people, connection)


@pytest.mark.links
def test_a_fit_from_the_command_line_is_kept_once(fitted, capsys):
    settings, found, _ = fitted
    assert fitting.run(settings, 0.0, ["links"]) == 0
    assert f"links: {len(found.pairs):,} pairs by the model" in capsys.readouterr().out
    kept = read_batches(settings.raw / "tierkeeper" / "links" / "*.parquet")
    assert len(kept) == len(found.pairs)
    assert fitting.keep(settings, JUNE_30, found).startswith("nothing new")
