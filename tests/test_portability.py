"""The lint finds what would differ on Spark, and leaves alone what would not."""

import re
import shutil

import pytest

from engines.kinds import Kinds
from engines.lint import Project, main
from engines.rendering import PROJECT
from engines.rules import RULES, findings

# One row for each way that the engines differ: the rule, what it catches, and a way to
# write the same that it leaves alone.
TWINS = [
    (
        "window-order",
        "select row_number() over (partition by a) as n from t",
        "select row_number() over (partition by a order by b nulls last) as n from t",
    ),
    (
        "window-order",
        "select lag(a) over w as before from t window w as (partition by b)",
        "select lag(a) over w as before from t"
        " window w as (partition by b order by c nulls last)",
    ),
    (
        "window-order",
        "select a from t qualify row_number() over (partition by a) = 1",
        "select a from t"
        " qualify row_number() over (partition by a order by b nulls last) = 1",
    ),
    (
        "window-order",
        "select sum(a) over (partition by b rows 1 preceding) as s from t",
        "select sum(a) over (partition by b) as s from t",
    ),
    (
        "one-sided-join",
        "select a.k from a left join b on a.k = b.k and a.kind = 'live'",
        "select a.k from a left join b on a.k = b.k and a.kind = b.kind",
    ),
    (
        "one-sided-join",
        "select a.k from a left join b on a.k = b.k and a.n > 1 and b.n > 1",
        "select a.k from a inner join b on a.k = b.k and a.n > 1 and b.n > 1",
    ),
    (
        "one-sided-join",
        "select a.k from a left join b on a.is_live",
        "select a.k from a left join b on a.k = b.k and b.is_live",
    ),
    (
        "one-sided-join",
        "select a.k from a left join b on (a.k = b.k and a.kind = 'live')",
        "select a.k from a left join b on (a.k = b.k and b.kind = 'live')",
    ),
    (
        "one-sided-join",
        "select b.k from a right join b on a.k = b.k and b.kind = 'live'",
        "select b.k from a right join b on a.k = b.k and a.kind = 'live'",
    ),
    (
        "one-sided-join",
        "select a.k from a full join b on a.k = b.k and b.kind = 'live'",
        "select a.k from a full join b on a.k = b.k and a.kind = b.kind",
    ),
    (
        "nulls-order",
        "select a from t order by a",
        "select a from t order by a nulls last",
    ),
    (
        "nulls-order",
        "select a from t order by a, b nulls last",
        "select a from t order by a nulls last, b nulls last",
    ),
    (
        "nulls-order",
        "select a from t order by a desc nulls first, b limit 3",
        "select a from t order by a desc nulls first, b nulls last limit 3",
    ),
    (
        "nulls-order",
        "select sum(a) over (order by b rows 1 preceding) as s from t",
        "select sum(a) over (order by b nulls last rows 1 preceding) as s from t",
    ),
    (
        "nulls-order",
        "select rank() over (order by least(a, b) nulls last, case when a then b end)"
        " as s from t",
        "select rank() over (order by least(a, b) nulls last) as s from t",
    ),
    (
        "ignore-nulls",
        "select last_value(a ignore nulls) over (order by b nulls last) as s from t",
        "select last_value(a) over (order by b nulls last) as s from t",
    ),
    (
        "ntile",
        "select ntile(10) over (order by a nulls last) as tenth from t",
        "select row_number() over (order by a nulls last) as place from t",
    ),
    (
        "limit-order",
        "select a from t limit 1",
        "select a from t order by a nulls last limit 1",
    ),
    (
        "division",
        "select a / 2 as half from t",
        "select cast(a as double) / 2 as half from t",
    ),
    (
        "division",
        "select cast(a as decimal(18, 4)) / 2.0 as half from t",
        "select cast(a as decimal(18, 4)) / 2e0 as half from t",
    ),
    (
        "division",
        "with x as (select cast(a as decimal(9, 2)) as b from t)"
        " select b / 2 as c from x",
        "with x as (select cast(a as double) as b from t) select b / 2 as c from x",
    ),
    (
        "integer-division",
        "select a // 2 as half from t",
        "select floor(cast(a as double) / 2) as half from t",
    ),
    (
        "modulo",
        "select cast(a as decimal(9, 2)) % 2 as rest from t",
        "select cast(a as bigint) % 2 as rest from t",
    ),
    (
        "zero-divisor",
        "select cast(a as double) / b as share from t",
        "select cast(a as double) / nullif(b, 0) as share from t",
    ),
    (
        "zero-divisor",
        "select case when b >= 0 then cast(a as double) / b end as share from t",
        "select case when b > 0 then cast(a as double) / b end as share from t",
    ),
    (
        "zero-divisor",
        "select cast(a as double) / b as share from t where c > 0",
        "select cast(a as double) / b as share from t where a > 1 and b > 0",
    ),
    (
        "decimal-of-double",
        "select cast(cast(a as double) * 2 as decimal(18, 2)) as b from t",
        "select cast(floor(cast(a as double) * 200 + 0.5) / 100 as decimal(18, 2)) as b"
        " from t",
    ),
    (
        "decimal-of-double",
        "select round(cast(a as double), 2) as b from t",
        "select round(cast(a as decimal(18, 4)), 2) as b from t",
    ),
    (
        "decimal-product",
        "select cast(a as decimal(18, 4)) * cast(b as decimal(28, 10)) as c from t",
        "select cast(a as decimal(18, 4)) * cast(b as decimal(18, 10)) as c from t",
    ),
    (
        "average",
        "select avg(a) as mean from t",
        "select avg(cast(a as double)) as mean from t",
    ),
    (
        "average",
        "select median(cast(a as decimal(18, 4))) as middle from t",
        "select median(cast(a as double)) as middle from t",
    ),
    (
        "average",
        "select percentile_cont(0.5) within group (order by a nulls last) as p from t",
        "select percentile_cont(0.5) within group"
        " (order by cast(a as double) nulls last) as p from t",
    ),
    (
        "sum-boolean",
        "select sum(a > 1) as many from t",
        "select sum(case when a > 1 then 1 end) as many from t",
    ),
    (
        "sum-boolean",
        "select sum(is_kept) as many from t",
        "select sum(kept_count) as many from t",
    ),
    (
        "cast-rounds",
        "select cast(cast(a as double) * 2 as integer) as b from t",
        "select cast(round(cast(a as double) * 2) as integer) as b from t",
    ),
    (
        "cast-rounds",
        "select cast(1.5 as bigint) as b",
        "select cast(1 as bigint) as b",
    ),
    (
        "cast-text",
        "select cast(cast(a as double) as string) as b from t",
        "select cast(cast(a as decimal(18, 4)) as string) as b from t",
    ),
    (
        "cast-colons",
        "select a::integer as b from t",
        "select cast(a as integer) as b from t",
    ),
    (
        "type",
        "select cast(a as varchar) as b from t",
        "select cast(a as string) as b from t",
    ),
    (
        "type",
        "select cast(coalesce(cast(a as string), '') as hugeint) as b from t",
        "select cast(coalesce(cast(a as string), '') as bigint) as b from t",
    ),
    (
        "type",
        "select try_cast(a as decimal) as b from t",
        "select try_cast(a as decimal(18, 3)) as b from t",
    ),
    (
        "type",
        "select cast(a as integer[]) as b from t",
        "select cast(a as integer) as b from t",
    ),
    (
        "type",
        "select cast(a as uuid) as b from t",
        "select cast(a as date) as b from t",
    ),
    (
        "quoted-identifier",
        'select a as "b" from t',
        "select a as b from t",
    ),
    ("backslash", r"select 'a\b' as b", "select 'a/b' as b"),
    (
        "concat",
        "select concat(a, b) as c from t",
        "select a || b || concat_ws('-', a, b) as c from t",
    ),
    (
        "function",
        "select regexp_replace(a, 'x', 'y') as b from t",
        "select replace(a, 'x', 'y') as b from t",
    ),
    (
        "function",
        "select never_heard_of(a) as b from t",
        "select dispatched__never_heard_of(a) as b from t",
    ),
    (
        "function",
        "select unnest(a) as b from t",
        "select b from t as u (b)",
    ),
    (
        "function",
        "select string_agg(a, ',' order by a nulls last) as b from t",
        "select max(a) as b from t",
    ),
    (
        "function",
        "select a at time zone 'UTC' as b from t",
        "select a as b from t",
    ),
    (
        "any-of-group",
        "select max_by(a, b) as c from t",
        "select max(b) as c from t",
    ),
    ("any-of-group", "select any_value(a) as c from t", "select min(a) as c from t"),
    (
        "trim",
        "select trim(a) as b from t",
        "select trim(both ' 　' from a) as b from t",
    ),
    ("letter-case", "select lower(a) as b from t", "select lower('A') as b from t"),
    (
        "text-argument",
        "select left(a, -1) as b from t",
        "select left(a, 1) as b from t",
    ),
    (
        "text-argument",
        "select substr(a, 0, 2) as b from t",
        "select substr(a, 1, 2) as b from t",
    ),
    ("text-argument", "select chr(20013) as b", "select chr(31) as b"),
    (
        "date-difference",
        "select opened_on - closed_on as days from t",
        "select opened_on - 3 as day_before from t",
    ),
    (
        "date-difference",
        "select last_day(a) - cast(b as date) as days from t",
        "select last_day(a) - cast(b as integer) as day_before from t",
    ),
    (
        "date-difference",
        "select opened_at - cast(a as timestamp) as b from t",
        "select dispatched__hours_between(opened_at, a) as b from t",
    ),
    (
        "interval",
        "select a + interval 30 day as b from t",
        "select a + 30 as b from t",
    ),
    (
        "interval",
        "select a - interval '1' month as b from t",
        "select opened_at - interval 1 microsecond as b from t",
    ),
    (
        "extract",
        "select extract(isodow from a) as b from t",
        "select extract(year from a) as b from t",
    ),
    (
        "date-trunc",
        "select date_trunc('month', a) as b from t",
        "select cast(date_trunc('month', a) as date) as b from t",
    ),
    ("clock", "select current_date as b", "select as_of_date as b from parameters"),
    ("clock", "select now() as b", "select t.current_date as b from t"),
    (
        "alias",
        "with x as (select 1 as a) select a + 1 as b from x where b > 1",
        "with x as (select 1 as a) select a + 1 as b, b + 1 as c from x where a > 1",
    ),
    (
        "alias",
        "with x as (select 1 as a) select a + 1 as b, sum(b) over () as c from x",
        "with x as (select 1 as a) select a + 1 as a, sum(a) over () as c from x",
    ),
    (
        "values",
        "select * from (values (1), (2))",
        "select * from (values (1), (2)) as numbers (number)",
    ),
    (
        "statement",
        "create table b as select 1 as a",
        "select 1 as a",
    ),
    ("unreadable", "select from where (", "select 1 as a"),
    ("syntax", "select * exclude (a) from t", "select * from t"),
    ("syntax", "select * replace (1 as a) from t", "select t.* from t"),
    ("syntax", "select distinct on (a) a from t", "select distinct a from t"),
    (
        "syntax",
        "select a, count(*) as n from t group by all",
        "select a, count(*) as n from t group by a",
    ),
    (
        "syntax",
        "select a from t order by all nulls last",
        "select a from t order by a nulls last",
    ),
    ("syntax", "select [1, 2] as a", "select 1 as a"),
    ("syntax", "select a[1] as b from t", "select a as b from t"),
    ("syntax", "select {'x': 1} as a", "select 1 as x"),
    ("syntax", "select [x + 1 for x in a] as b from t", "select a + 1 as b from t"),
    ("syntax", "select list_filter(a, lambda x: x > 1) as b from t", "select 1 as b"),
    ("syntax", "select a ~ 'x' as b from t", "select a like 'x%' as b from t"),
    ("syntax", "select a ^ 2 as b from t", "select a * a as b from t"),
    (
        "syntax",
        "select a from t union all by name select a from u",
        "select a from t union all select a from u",
    ),
    (
        "syntax",
        "select t.a from t asof join u on t.a >= u.a",
        "select t.a from t inner join u on t.a >= u.a",
    ),
    (
        "syntax",
        "select t.a from t positional join u",
        "select t.a from t cross join u",
    ),
    (
        "syntax",
        "with recursive x as (select 1 as a union all select a + 1 from x)"
        " select * from x",
        "with x as (select 1 as a union all select 2 as a) select * from x",
    ),
    ("syntax", "select a from t using sample 10", "select a from t"),
    (
        "syntax",
        "select * from t pivot (sum(a) for b in (1, 2))",
        "select sum(case when b = 1 then a end) as one from t",
    ),
]


def rules_of(sql):
    return {rule for rule, _, _ in findings(sql, Kinds())}


@pytest.mark.parametrize(("rule", "differs", "_"), TWINS)
def test_what_differs_is_found(rule, differs, _):
    assert rule in rules_of(differs)


@pytest.mark.parametrize(("_", "__", "agrees"), TWINS)
def test_what_agrees_is_left_alone(_, __, agrees):
    assert rules_of(agrees) == set()


def test_every_rule_has_its_twins():
    source = (PROJECT.parent / "engines" / "rules.py").read_text()
    named = set(re.findall(r'yield \(?\s*"([a-z-]+)"', source)) | {"concat", "function"}
    assert len(RULES) >= 15
    assert named - {rule for rule, _, _ in TWINS} == set()


@pytest.fixture(scope="module")
def project():
    return Project()


def test_the_whole_project_is_portable(project):
    assert [str(finding) for finding in project.lint()] == []


ORDERS = "{{ valid_versions('shop_orders', ref('stg_shop__orders_versions')) }}"


@pytest.fixture
def planted(tmp_path):
    """The project's macros and one feed's models, to plant what differs in them."""
    folder = tmp_path / "dbt_project"
    shutil.copytree(PROJECT / "macros", folder / "macros")
    shutil.copytree(PROJECT / "models" / "staging" / "shop", folder / "models" / "shop")
    shutil.copytree(PROJECT / "tests" / "generic", folder / "tests" / "generic")
    shutil.copy(PROJECT / "dbt_project.yml", folder)

    def plant(path, old, new):
        file = folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))
        return {
            (finding.place.path.relative_to(folder).as_posix(), finding.rule)
            for finding in Project(folder).lint()
        }

    return plant


def test_the_sql_that_staging_macros_write_is_seen(planted):
    found = planted(
        "macros/staged_versions.sql", "as happened_at,", "as happened_at, now() as n,"
    )
    assert ("macros/staged_versions.sql", "clock") in found


def test_the_sql_of_an_incremental_run_is_seen(planted):
    found = planted(
        "macros/staged_versions.sql",
        "select distinct _batch from {{ this }}",
        "select distinct _batch from {{ this }} where now() is null",
    )
    assert ("macros/staged_versions.sql", "clock") in found


def dispatching(*engines, body="1"):
    """A dispatched macro `planted` with these engines' own implementations."""
    return (
        "{% macro planted() %}{{ adapter.dispatch('planted')() }}{% endmacro %}\n"
        + (
            "".join(
                f"{{% macro {engine}__planted() %}}\n{body}\n{{% endmacro %}}\n"
                for engine in engines
            )
        )
    )


@pytest.fixture
def planted_beside(planted):
    """Plants a macro, and a model that calls it."""

    def plant(macros):
        planted(
            "models/shop/stg_shop__orders.sql", ORDERS, "select {{ planted() }} as a"
        )
        start = "{% macro surrogate_key"
        return planted("macros/surrogate_key.sql", start, macros + start)

    return plant


def test_what_an_engine_writes_for_itself_is_not_judged(planted_beside):
    found = planted_beside(dispatching("default", "spark", body="now()"))
    assert {rule for _, rule in found} & {"clock"} == set()


def test_what_is_written_for_both_engines_is_judged(planted_beside):
    found = planted_beside("{% macro planted() %}\nnow()\n{% endmacro %}\n")
    assert ("macros/surrogate_key.sql", "clock") in found


def test_an_engine_may_ask_for_itself(planted_beside):
    found = planted_beside(dispatching("default", "spark", body="{{ target.type }}"))
    assert ("macros/surrogate_key.sql", "engine-branch") not in found


def test_a_macro_for_both_may_not_ask_which_it_is_on(planted_beside):
    found = planted_beside("{% macro planted() %}\n{{ target.type }}\n{% endmacro %}\n")
    assert ("macros/surrogate_key.sql", "engine-branch") in found


def test_what_is_handed_to_a_dispatched_macro_is_judged_where_it_is_written(planted):
    found = planted(
        "models/shop/stg_shop__orders.sql",
        ORDERS,
        "select {{ add_months('now()', 1) }} as later",
    )
    assert ("models/shop/stg_shop__orders.sql", "clock") in found


def test_what_a_dispatched_macro_gives_is_judged_where_it_is_called(planted):
    found = planted(
        "models/shop/stg_shop__orders.sql",
        ORDERS,
        "select {{ business_day('seen', 'zone') }} - cast(a as date) as days",
    )
    assert ("models/shop/stg_shop__orders.sql", "date-difference") in found


def test_what_is_handed_to_any_macro_is_judged_where_it_is_written(planted):
    found = planted(
        "models/shop/stg_shop__orders.sql",
        ORDERS,
        "select {{ or_forever('now()') }} as later, {{ or_forever('now') }} as b",
    )
    assert ("models/shop/stg_shop__orders.sql", "clock") in found
    assert ("macros/or_forever.sql", "clock") not in found


def test_a_rule_in_yaml_is_judged(planted):
    found = planted(
        "models/shop/_shop.yml",
        "models:\n",
        "models:\n  - name: anything\n    data_tests:\n"
        "      - holds_for_every_row: {arguments: {rule: 'now() > seen_at'}}\n",
    )
    assert ("models/shop/_shop.yml", "clock") in found


def test_a_model_that_asks_which_engine_it_is_on_is_found(planted):
    found = planted(
        "models/shop/stg_shop__orders.sql",
        ORDERS,
        "{% if target.type == 'duckdb' %}select 1 as one{% endif %}",
    )
    assert ("models/shop/stg_shop__orders.sql", "engine-branch") in found


@pytest.mark.parametrize(
    ("engines", "is_found"),
    [
        (["duckdb"], True),
        (["spark"], True),
        (["default"], True),
        (["default", "spark"], False),
        (["duckdb", "spark"], False),
    ],
)
def test_a_dispatched_macro_serves_every_engine_in_its_own_way(
    planted_beside, engines, is_found
):
    found = planted_beside(dispatching(*engines))
    assert (("macros/surrogate_key.sql", "dispatch") in found) == is_found


def lint_text(tmp_path, text):
    file = tmp_path / "anything.sql"
    file.write_text(text)
    return file


EXCUSES = [
    ("select trim(a) as b from t -- portable: never wide\n", set()),
    ("select\n    -- portable: never wide\n    trim(a) as b\nfrom t\n", set()),
    ("{# portable: never wide #}\nselect trim(a) as b from t\n", set()),
    ("select trim(a) as b from t -- portable:\n", {"trim", "exception"}),
    ("select trim(a) as b from t -- portable\n", {"trim", "exception"}),
    ("select a as b from t -- portable: never wide\n", {"exception"}),
    ("select trim(a) as b -- portable: here\nfrom t order by b\n", {"nulls-order"}),
]


@pytest.mark.parametrize(("text", "left"), EXCUSES)
def test_a_comment_with_a_reason_excuses_its_line_and_no_more(
    project, tmp_path, text, left
):
    file = lint_text(tmp_path, text)
    assert {finding.rule for finding in project.lint([file])} == left


def test_a_finding_names_its_file_its_line_and_its_rule(tmp_path, capsys):
    file = lint_text(tmp_path, "select\n    a,\n    trim(b) as b\nfrom t\n")
    assert main([str(file)]) == 1
    assert re.fullmatch(
        rf"{re.escape(str(file))}:3: trim: .+\n", capsys.readouterr().out
    )


def test_a_clean_file_is_counted(tmp_path, capsys):
    file = lint_text(tmp_path, "select a from t\n")
    assert main([str(file)]) == 0
    assert capsys.readouterr().out == "Portable: 1 files.\n"
