"""A real shop, built end to end from ../shared/data: it adds up to the last penny."""

from decimal import Decimal

import pytest
from nights import SHARED, run

from benchmarks import stability

pytestmark = pytest.mark.long  # half a million lines

PARQUET = SHARED / "data" / "online_retail" / "online_retail.parquet"


@pytest.fixture(scope="module")
def shop(tmp_path_factory, needs_shared_data):
    landing = tmp_path_factory.mktemp("landing")
    (landing / "online_retail" / "sales").mkdir(parents=True)
    (landing / "online_retail" / "sales" / PARQUET.name).symlink_to(PARQUET)
    night = run(
        landing,
        tmp_path_factory.mktemp("data"),
        BASE_CURRENCY="GBP",
        BUSINESS_TIMEZONE="Europe/London",
    )
    assert night.code == 0, night.output
    return night


def test_every_line_has_a_fate(shop):
    assert shop.one(
        "select sum(raw_count), sum(staged_count), sum(superseded_count), "
        "sum(duplicate_count), sum(quarantined_count) from quality.row_conservation"
    ) == (541_909, 541_909, 0, 0, 0)


def test_lines_add_up_to_what_the_file_adds_up_to(shop):
    assert shop.one("select count(*), sum(line_amount) from marts.order_lines") == (
        541_909,
        Decimal("9747747.934"),
    )


def test_an_invoice_is_an_order_and_a_cancellation_keeps_its_sign(shop):
    assert shop.one(
        "select count(*), sum(net_amount), count(*) filter (order_id like 'C%'), "
        "count(*) filter (order_id like 'C%' and net_amount > 0) from marts.orders"
    ) == (25_900, Decimal("9747747.934"), 3_836, 0)


def test_customers_are_those_of_the_file_and_none_is_in_a_crm(shop):
    assert shop.one(
        "select count(*), count(*) filter (is_inferred), count(distinct region) "
        "from marts.customers"
    ) == (4_372, 4_372, 37)


def test_lines_without_a_customer_are_anonymous_revenue(shop):
    assert shop.one(
        "select count(*), sum(line_amount) from marts.order_lines "
        "where customer_key is null"
    ) == (135_080, Decimal("1447682.12"))


def test_equal_lines_of_the_file_stay_the_purchases_they_are(shop):
    (equal,) = shop.one(
        "select sum(copies - 1) from (select count(*) as copies from marts.order_lines "
        "inner join marts.orders using (order_key) group by order_key, product_id, "
        "product_name, quantity, unit_price having count(*) > 1)"
    )
    assert equal >= 5_268  # 5,268 identical lines, and those that differ by a minute


def test_months_of_revenue_add_up_to_the_whole(shop):
    assert shop.one(
        "select count(*), round(sum(value), 3) from marts.kpi_values "
        "where kpi_code = 'revenue' and dimension = 'all'"
    ) == (13, 9747747.934)


def test_a_credit_note_is_no_purchase_of_its_customer(shop):
    # Customer 12346 bought once for 77,183.60 and gave all of it back minutes later.
    assert shop.one(
        "select order_count, net_revenue_amount from marts.customers inner join "
        "marts.customer_identities using (customer_key) where record_id = '12346'"
    ) == (1, Decimal("0"))


def test_measures_without_data_are_null_and_not_good(shop):
    assert shop.query(
        "select kpi_code, value, status from marts.kpi_scorecard "
        "where kpi_code in ('csat', 'nps') order by 1"
    ) == [("csat", None, "no_data"), ("nps", None, "no_data")]


def test_few_fall_a_month_while_the_first_year_has_no_full_window(shop):
    (shipped,) = (
        one
        for one in stability.measured(shop.settings)
        if (one.scenario, one.rule, one.kind) == ("live", "policy", "all")
    )
    assert shipped.holders > 3_900
    assert shipped.falling <= 0.01
    assert shipped.up_and_down <= 0.035
