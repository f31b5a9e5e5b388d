"""The page and the worklist's files say what the marts hold, safely and offline.

The published file is made by hand here, of the marts' own contracts, so that a column
renamed in a mart fails here and not at night.
"""

import csv
import json
import re
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml

import page
from orchestration import logs
from orchestration.settings import PROJECT
from page import worklist

MARTS = PROJECT / "dbt_project" / "models" / "marts"
REFERENCE = PROJECT / "seeds" / "reference"
HOSTILE = '<script>alert("x")</script>'
FORMULA = "=cmd|' /C calc'!A0"

RUN = {
    "run_id": "r1",
    "started_at": "2026-07-01 01:00:00",
    "finished_at": "2026-07-01 01:01:00",
    "as_of_date": "2026-06-30",
    "status": "published",
    "business_timezone": "Asia/Shanghai",
    "base_currency": "CNY",
}


def contracts() -> dict[str, dict[str, str]]:
    """{"marts.customers": {column: type}} as the marts' YAML promises it."""
    found = {}
    for path in sorted(MARTS.glob("*/*.yml")):
        schema = "quality" if path.parent.name == "quality" else "marts"
        for model in yaml.safe_load(path.read_text("utf-8")).get("models", []):
            found[f"{schema}.{model['name']}"] = {
                column["name"]: column["data_type"] for column in model["columns"]
            }
    return found


def published(folder: Path, **tables: list[dict]) -> Path:
    """A published file with these rows, as marts__customers=[…]; else empty."""
    database = folder / "tierkeeper.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("begin; create schema marts; create schema quality")
        for table, columns in contracts().items():
            typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table {table} ({typed})")
        for log in logs.LOGS:
            connection.execute(f"create table quality.{log} ({logs.columns(log)})")
        for seed in ("labels", "kpi_definitions"):
            connection.execute(
                f"create table marts.{seed} as "
                f"from read_csv('{REFERENCE / seed}.csv', all_varchar = true)"
            )
        for name, rows in {"quality__runs": [RUN], **tables}.items():
            for row in rows:
                connection.execute(
                    f"insert into {name.replace('__', '.')} ({', '.join(row)}) "
                    f"values ({', '.join('?' * len(row))})",
                    list(row.values()),
                )
        connection.execute("commit")
    return database


def written(folder: Path, **tables: list[dict]) -> str:
    """The page of such a file; the worklist's files are in the folder."""
    page.write(published(folder, **tables), folder / "index.html")
    return (folder / "index.html").read_text("utf-8")


class Reader(HTMLParser):
    """What a browser would load, which scripts it would run, and what people read."""

    def __init__(self, text: str):
        super().__init__()
        self.loaded, self.handlers, self.styles, self.words = [], [], [], []
        self.script_count, self.inside = 0, None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.inside = tag if tag in ("script", "style") else self.inside
        self.script_count += tag == "script"
        for name, value in attributes:
            if name in LOADING and not (value or "").startswith("#"):
                self.loaded.append((tag, name, value))
            if name.startswith("on"):
                self.handlers.append((tag, name, value))
            if name == "style":
                self.styles.append(value)

    def handle_endtag(self, tag):
        self.inside = None if tag == self.inside else self.inside

    def handle_data(self, data):
        if self.inside is None:
            self.words.append(data)
        elif self.inside == "style":
            self.styles.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


LOADING = {
    *("src", "srcset", "href", "xlink:href", "data", "action", "formaction", "poster"),
    *("background", "ping", "manifest", "srcdoc", "content-security-policy"),
}
FEWER = {"customer_count": 8, "lost_count": 2}
BASIC = {"tier_code": "basic", "lifecycle_stage": "base", "is_provisional": False}
KPI = {"kpi_code": "nps", "dimension": "all", "member": "all", "is_whole_month": True}


def line(number: int, owner: str | None, rank: int = 1, **other: object) -> dict:
    """A line of the worklist; `other` replaces what stands here."""
    return {
        "warning_id": f"w{number}",
        "overall_rank": number,
        "rank_of_owner": rank,
        "crm_customer_id": "C2",
        "customer_name_masked": "王**",
        "owner_staff_id": owner,
        "level": "red",
        "tier_code": "gold",
        "reasons_en": f"reason {number}",
        "reasons_zh": f"原因 {number}",
        "action_code": "call",
        "due_on": date(2026, 6, 29),
        "is_overdue": True,
        "churn_probability": 0.725,
        "expected_loss_amount": 1200,
        "opened_on": date(2026, 6, 20),
        **other,
    }


TABLES = {
    "marts__customers": [
        {"customer_key": "1", "lifecycle_stage": "base", "tier_code": "gold"},
        {"customer_key": "2", "lifecycle_stage": "base", "tier_code": "basic"},
        {"customer_key": "3", "lifecycle_stage": "lost", "tier_code": "basic"},
        {"customer_key": "4", "lifecycle_stage": "prospect"},
    ],
    "marts__kpi_scorecard": [
        {
            "kpi_code": "nps",
            "label_en": "Net promoter score (NPS)",
            "label_zh": "净推荐值",
            "department": "customer_success",
            "unit": "points",
            "month": "2026-06-01",
            "is_whole_month": True,
            "value": 25,
            "previous_value": 31,
            "lower": -12.5,
            "upper": 62.5,
            "n": 12,
            "target": 40,
            "status": "near",
            "trend": "worse",
        },
        {
            "kpi_code": "csat",
            "label_en": "Customer satisfaction (CSAT)",
            "label_zh": "客户满意度",
            "department": "customer_success",
            "unit": "share",
            "status": "no_data",
        },
    ],
    "marts__kpi_values": [
        {**KPI, "month": "2026-05-01", "value": 31},
        {**KPI, "month": "2026-06-01", "value": 25, "target": 40},
        {**KPI, "month": "2026-07-01", "value": 3.5, "is_whole_month": False},
        {**KPI, "kpi_code": "csat", "month": "2026-06-01", "missing_reason": "no data"},
    ],
    "marts__customer_tiers": [
        {
            "customer_key": "1",
            "evaluation_date": "2026-06-30",
            "tier_code": "gold",
            "tier_rank": 3,
            "reason_code": "held",
            "reason_en": "Held in Gold: 72.5 points.",
            "reason_zh": "保级观察：72.5 分。",
            "score": 72.59,
            "amount_to_next_tier": 4320.2,
            "amount_above_stay_bar": -875.2,
        },
        {
            "customer_key": "2",
            "evaluation_date": "2026-06-30",
            "tier_code": "basic",
            "tier_rank": 1,
            "reason_code": "kept",
            "reason_en": "Kept in Basic.",
        },
        # An evaluation before the newest.
        {
            "customer_key": "2",
            "evaluation_date": "2026-05-31",
            "tier_code": "basic",
            "tier_rank": 1,
            "reason_code": "demoted",
            "reason_en": "Demoted in May.",
        },
    ],
    "marts__tier_criteria_points": [
        {
            "customer_key": "1",
            "evaluation_date": "2026-06-30",
            "criterion_code": code,
            "label_en": label_en,
            "label_zh": "标准",
            "measure_value": measured,
            "points": points,
            "weight": weight,
        }
        for code, label_en, measured, points, weight in (
            ("margin", "Margin", None, 10, 20),
            ("value", "Value of a year", 9988, 62.5, 80),
        )
    ],
    "marts__tier_policy_simulation": [
        {
            "scenario": scenario,
            "customer_type": "person",
            "tier_code": tier,
            "tier_rank": rank,
            "evaluation_date": day,
            "is_provisional": is_provisional,
            "customer_count": count,
            "value_share": 0.625,
            "up_and_down_count": 3,
            "entitlement_amount": 45600,
            "goal_kpi_code": "csat",
            "goal_label_en": "Customer satisfaction (CSAT)",
            "goal_label_zh": "客户满意度",
            "goal_target": 0.885,
            "goal_value": 0.765,
            "is_goal_reached": False,
        }
        for scenario, tier, rank, day, is_provisional, count in (
            ("bold", "gold", 3, "2026-06-30", False, 1717),
            ("live", "gold", 3, "2026-06-30", False, 1616),
            ("live", "basic", 1, "2026-06-30", False, 1515),
            ("live", "gold", 3, "2026-07-14", True, 1414),
        )
    ],
    "marts__tier_resource_balance": [
        {
            "month": month,
            "customer_type": kind,
            "tier_code": tier,
            "is_provisional": month > "2026-06-01",
            "customer_count": count,
            "value_share": 0.75,
            "cost_share": 0.3,
            "cost_index": 0.4,
            "cost_amount": 24680,
            "costed_service_count": 17,
            "service_count": 19,
        }
        for month, kind, tier, count in (
            ("2026-06-01", "all", "basic", 1313),
            ("2026-06-01", "all", "gold", 1212),
            ("2026-06-01", "person", "gold", 1111),
            ("2026-07-01", "all", "gold", 1010),
        )
    ],
    "marts__tier_fairness": [
        {
            "scenario": scenario,
            "evaluation_date": day,
            "attribute_en": "Region",
            "attribute_zh": "地区",
            "group_code": group,
            "outcome_code": "benefit",
            "tier_code": "all",
            "equal_value_ratio": 0.375,
            "is_flagged": is_flagged,
        }
        for scenario, day, group, is_flagged in (
            ("live", "2026-06-30", "西北", True),
            ("live", "2026-06-30", "华东", False),
            ("live", "2026-05-31", "华南", True),
            ("bold", "2026-06-30", "东北", True),
        )
    ],
    "marts__tier_policy_comparison": [
        {"scenario": "bold", "customer_key": key, "direction": direction}
        for key, direction in (("1", "higher"), ("2", "same"), ("3", "lower"))
    ],
    "marts__customers_by_month": [
        {"month": "2026-05-01", "customer_key": "1", **BASIC},
        {"month": "2026-06-01", "customer_key": "1", **BASIC, "tier_code": "gold"},
        {"month": "2026-06-01", "customer_key": "2", **BASIC},
        {
            "month": "2026-06-01",
            "customer_key": "3",
            **BASIC,
            "lifecycle_stage": "lost",
        },
    ],
    "marts__tier_migration": [
        {
            "month": "2026-06-01",
            "customer_type": kind,
            "from_tier_code": "basic",
            "from_tier_rank": 1,
            "to_tier_code": to,
            "to_tier_rank": rank,
            "customer_count": 2,
        }
        for kind in ("person", "company")
        for to, rank in (("gold", 3), ("basic", 1))
    ],
    "marts__churn_warnings": [
        {
            "level": "red",
            "is_open": True,
            "is_overdue": True,
            "expected_loss_amount": 7,
        },
        {"level": "red", "is_open": False, "is_overdue": False},
        {"level": "yellow", "is_open": True},
    ],
    "marts__churn_worklist": [
        line(1, "S1", customer_name_masked=HOSTILE, reasons_zh="投诉未解决"),
        line(
            *(2, "S1", 2),
            customer_name_masked=FORMULA,
            reasons_en="\t+1",
            churn_probability=None,
        )
        | {"is_overdue": False},
        *(line(number, "S1", number) for number in range(3, 13)),
        *(line(100 + at, f"S{at}", expected_loss_amount=1) for at in range(20, 40)),
        line(999, None, expected_loss_amount=-1),
    ],
    "marts__account_tasks": [
        {
            "owner_staff_id": owner,
            "rank_of_owner": rank,
            "task_kind": kind,
            "customer_name_masked": FORMULA,
            "reason_en": f"{kind} of {owner}",
            "reason_zh": "应于 2026-07-01 前联系",
            "due_on": "2026-07-01",
            "is_overdue": False,
        }
        for owner, rank, kind in (
            (None, 1, "follow_up"),
            ("S2", 1, "escalation"),
            ("S1", 2, "visit"),
            ("S1", 1, "complaint"),
        )
    ],
    "marts__churn_backtest": [
        {
            "evaluation_date": "2026-03-31",
            "horizon_days": 90,
            "ranking_code": ranking,
            "ranking_en": ranking.title(),
            "ranking_zh": "排序",
            "is_naive": ranking == "recency",
            "segment_kind": "all",
            "metric_code": metric,
            "metric_value": value,
            "metric_lower": value - 0.0625,
            "metric_upper": value + 0.0625,
            "customer_count": 160,
            "lost_count": 40,
        }
        | other
        for ranking, metric, value, other in (
            ("served", "auc", 0.75, {}),
            ("served", "top_precision", 0.625, {}),
            ("served", "top_value_caught", 0.125, {}),
            ("value_at_risk", "top_value_caught", 0.375, {}),
            ("recency", "auc", 0.6875, {}),
            ("recency", "top_precision", 0.5, {}),
            ("recency", "auc_gain", 0.0625, {}),
            ("recency", "auc_gain", 0.125, {"evaluation_date": "2026-02-28"}),
            ("served", "top_precision", 0.9375, {"evaluation_date": "2026-02-28"}),
            ("served", "top_precision", 0.875, {"segment_kind": "tier"}),
            ("served", "top_precision", 0.8125, {"horizon_days": 30} | FEWER),
            ("recency", "auc_gain", 0.25, {"horizon_days": 30} | FEWER),
        )
    ],
    "marts__churn_calibration": [
        {
            "evaluation_date": "2026-03-31",
            "horizon_days": 90,
            "ranking_code": ranking,
            "tenth": tenth,
            "customer_count": 16,
            "foretold_share": 0.5,
            "lost_share": 0.25,
            "lost_share_lower": 0.125,
            "lost_share_upper": 0.5,
        }
        for ranking, tenth in (("served", 1), ("served", 2), ("bgnbd", 3))
    ],
    "marts__lost_customers": [
        {"lost_on": lost_on, "loss_kind": "silent", "value_lost_amount": 90, **reason}
        for lost_on, reason in (
            ("2026-06-01", {"stated_reason_code": "price"}),
            ("2026-05-01", {}),
            ("2025-06-30", {"stated_reason_code": "service"}),
        )
    ],
    "marts__follow_up_plan": [
        {"owner_staff_id": "S1", "is_overdue": True, "overdue_days": 17},
        {"owner_staff_id": "S1", "is_overdue": False, "overdue_days": 0},
    ],
    "marts__service_levels": [
        {
            "month": month,
            "tier_code": "gold",
            "team": team,
            "ticket_count": 5,
            "responded_in_time_count": 3,
            "response_pending_count": 1,
            "resolved_in_time_count": 0,
            "resolution_pending_count": 5,
            "open_overdue_count": 0,
        }
        for month, team in (
            ("2026-06-01", "A"),
            ("2026-06-01", "B"),
            ("2026-03-01", "A"),
        )
    ],
    "marts__feedback_loop": [
        {"subject_type": "ticket", "due_on": "2026-06-01", "is_overdue": True},
        {"subject_type": "ticket", "is_overdue": False},
    ],
    "quality__row_conservation": [
        {"source": "crm", "feed": "customers", "raw_count": 9, "staged_count": 8}
        | dict.fromkeys(("superseded_count", "duplicate_count", "erased_count"), 0)
        | {"quarantined_count": 1}
    ],
    "quality__quarantined_rows": [
        {"source": "crm", "feed": "customers", "file": "a.csv", "row_number": number}
        | {"column_name": "x", "rule": "required", "value_masked": HOSTILE}
        | {"expected_en": "a value", "expected_zh": "一个值"}
        for number in range(1, 33)
    ],
    "quality__check_results": [
        {"run_id": "r1", "table_name": f"marts.t{number}", "is_success": number == 0}
        for number in range(3)
    ]
    + [{"run_id": "earlier", "table_name": "marts.old", "is_success": False}],
}


def charted(text: str) -> str:
    """A text as it stands among the figures of the charts: JSON in a script."""
    return json.dumps(text)[1:-1].replace("\\", "\\\\")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A whole page with its files, of a company with something in every list."""
    place = tmp_path_factory.mktemp("page")
    written(place, **TABLES)
    return place


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8")


@pytest.fixture(scope="module")
def text(html: str) -> str:
    """What stands on the page, both languages of it."""
    return Reader(html).text


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> str:
    """The page of a night on which every mart is empty."""
    return written(tmp_path_factory.mktemp("bare"))


def test_every_text_is_in_english_and_in_chinese(html, bare):
    for page_ in (html, bare):
        assert page_.count('class="en" lang="en"') == page_.count(
            'class="zh" lang="zh"'
        )
    assert '<span class="en" lang="en">Net promoter score (NPS)</span>' in html
    assert '<span class="zh" lang="zh">净推荐值</span>' in html
    for english, chinese in re.findall(
        r'lang="en">([^<]*)</span><span class="zh" lang="zh">([^<]*)<', html + bare
    ):
        assert english and chinese
        # Only codes, names and figures are the same in both.
        assert english != chinese or not re.search(r"[a-z]{3} [a-z]{3}", english), (
            english
        )


def test_the_scorecard_tells_value_target_interval_status_and_trend(text):
    for said in ("25.0", "40.0", "-12.5 … 62.5", "near", "接近", "↓ worse", "31.0"):
        assert said in text
    assert "KPIs on target 达标指标 0 / 1" in text


def test_a_trend_has_whole_months_only_and_the_target_of_each(html):
    assert '["text",["31.0","25.0"]]' in html
    assert '["target",[{"type":"number","value":"nan"},40.0]]' in html


def test_what_is_missing_is_a_dash_with_its_reason_and_no_zero(html):
    row = html[html.index("Customer satisfaction (CSAT)") :]
    row = Reader(row[: row.index("</tr>")]).text
    assert "– no data 无数据 target" in row
    assert not re.search(r"\b0", row)


def test_moves_between_tiers_are_summed_over_the_types_of_customers(text):
    assert "↑ 4 up 晋级 · ↓ 0 down 降级 · 0 first tier 首次评定" in text


def test_whoever_is_held_is_explained_point_by_point(text):
    assert "Held in Gold: 72.5 points. 保级观察：72.5 分。" in text
    assert "Value of a year 标准 9,988 62.5 80.0 Margin 标准 – 10.0 20.0" in text
    # Cut off as in the sentence, not rounded up.
    assert "Score 总分 72.5 100" in text
    assert "4,321 more would reach the next tier" in text
    assert "876 is missing to stay" in text
    assert "Kept in Basic." not in text
    assert "Demoted in May." not in text


def test_candidates_stand_beside_the_policy_in_use_at_the_last_whole_month(text):
    assert text.index("live:") < text.index("bold:")
    assert "Gold 金卡 1,616 62.5% 3 45,600 1,717 62.5% 3 45,600" in text
    # The candidate has no such tier.
    assert "Basic 普通 1,515 62.5% 3 45,600 – – – –" in text
    assert "1,414" not in text
    assert "(CSAT) 88.5%, in the month 76.5%, not reached." in text
    assert "bold would give 1 of 3 customers a higher tier and 1 a lower one" in text


def test_what_each_tier_brings_and_takes_is_of_the_last_whole_month(text):
    assert "Gold 金卡 1,212 75.0% 30.0% 0.40 24,680 17 / 19 Basic 普通 1,313" in text
    assert "1,111" not in text
    assert "1,010" not in text


def test_a_group_that_fares_worse_at_equal_value_is_named(text):
    assert "Region 西北: 地区 西北： Granted a benefit 获赠权益 37.5%" in text
    assert "华东" not in text
    assert "华南" not in text


def test_how_right_the_scores_were_is_told_of_the_newest_closed_month_end(text):
    assert "on 2026-03-31 each of 160 customers had a score" in text
    assert "In the 90 days after it, 40 of them (25.0%) bought nothing." in text
    assert "put on top, 62.5% bought nothing" in text
    assert "put there, 50.0%." in text
    assert "× value, held 37.5% of the value that was lost" in text
    assert "probability alone, 12.5%." in text
    # The interval of the newest one reaches down to 0.
    assert "On 1 of 2 month ends the score told" in text
    assert "Served 排序 75.0 68.8 … 81.2 62.5% 12.5% Value_At_Risk 排序 – –" in text
    assert "Recency 排序 needs no model 无需模型 68.8 62.5 … 75.0 50.0%" in text
    assert "1 16 50.0 25.0 2 16 50.0 25.0" in text
    for other in ("93.8%", "87.5%", "81.2%", "3 16"):
        assert other not in text


def test_lost_customers_are_not_among_those_with_us(text):
    assert "Customers with us 现有客户 2 Gold 1 · Basic 1" in text
    # The months, newest first, with Basic and Gold.
    assert "2026-06 1 1 2026-05 1 0" in text


def test_only_losses_of_the_last_twelve_months_count_and_silence_is_a_reason(
    html, text
):
    assert "2 losses, some won back since; 180 CNY of yearly value." in text
    assert charted("Price · 价格") in html
    assert charted("Not stated · 未说明") in html
    assert charted("Service · 服务") not in html


def test_only_open_warnings_count(text):
    assert "Open warnings 未关闭预警 2 Red 1 · Yellow 1" in text


def test_service_is_summed_over_teams_and_three_months(text):
    # Six of eight answered in time, those still in time left out; none resolved yet.
    assert "Gold 金卡 75.0% 8 – 0 0" in text


def test_follow_ups_and_feedback_tell_how_much_is_overdue(text):
    assert "S1 1 0 2 17" in text
    assert "Service request 服务工单 1 1 2" in text


def test_only_checks_of_the_night_that_failed_are_shown(text):
    assert "marts.t1" in text and "marts.t2" in text
    assert "marts.t0" not in text and "marts.old" not in text


def test_a_list_that_is_cut_says_how_much_is_left_out(text):
    assert "12 lines, 11 overdue" in text
    assert "and 9 more lines of this owner in the files" in text
    assert "该负责人另有 9 条" in text
    assert "reason 3" in text and "reason 4" not in text
    assert "and 14 more owners in worklist.csv" in text
    # Who has no score has no probability.
    assert "1,200 probability 流失概率 72.5% " in text
    assert "and 12 more in quality.quarantined_rows" in text


def test_hostile_text_stays_text(tmp_path_factory, html):
    # Also in a label, which goes into the charts.
    odd = {"list_code": "loss_kind", "code": "odd", "label_en": f"</script>{HOSTILE}"}
    losses = [{"lost_on": "2026-06-01", "loss_kind": "odd"}]
    hostile = written(
        tmp_path_factory.mktemp("hostile"),
        **TABLES
        | {"marts__labels": [odd | {"label_zh": "x"}]}
        | {"marts__lost_customers": losses},
    )
    assert "&lt;/script&gt;" in hostile
    for page_ in (html, hostile):
        assert HOSTILE not in page_
        assert Reader(page_).script_count == 3
        assert Reader(page_).handlers == []
    assert html.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") >= 3


def test_the_page_loads_nothing(html, bare):
    for page_ in (html, bare):
        reader = Reader(page_)
        assert reader.loaded == []
        assert not any(re.search(r"@import|url\(", style) for style in reader.styles)
        assert '<meta http-equiv="refresh"' not in page_


def test_a_page_without_any_row_has_sentences_and_no_chart(bare):
    text = Reader(bare).text
    for said in (
        "No KPI is defined.",
        "No customer has a tier yet.",
        "No worklist today. 今日无名单。",
        "No score is old enough to be looked back at.",
        "Nobody was lost",
        "No follow-up contact or visit is overdue.",
        "There was no service request.",
        "No feedback was given.",
        "Nothing was delivered.",
    ):
        assert said in text
    assert Reader(bare).script_count == 1
    assert len(bare) < 60_000


def test_data_that_end_long_before_the_night_are_announced(tmp_path, bare):
    assert "newer exports are due" not in Reader(bare).text
    stale = RUN | {"as_of_date": date(2026, 6, 27)}
    assert "4 days before" in Reader(written(tmp_path, quality__runs=[stale])).text


def test_the_night_is_dated_in_the_business_time_zone():
    late = {"finished_at": datetime(2026, 7, 1, 16, 30), "as_of_date": date(2026, 7, 1)}
    assert page.days_behind(late | {"business_timezone": "Asia/Shanghai"}) == 1
    assert page.days_behind(late | {"business_timezone": "UTC"}) == 0


def test_the_page_of_a_large_company_stays_small(tmp_path):
    many = [
        line(number, f"S{number % 450}", number // 450 + 1) for number in range(1, 901)
    ]
    html = written(tmp_path, **{**TABLES, "marts__churn_worklist": many})
    assert "and 442 more owners" in Reader(html).text
    assert len(html.encode()) < 2_000_000


def test_the_csv_opens_in_excel_and_no_cell_runs(folder):
    content = (folder / "worklist.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert len(lines) == 33
    assert lines[0]["reasons_zh"] == "投诉未解决"
    assert lines[1]["customer_name_masked"] == f"'{FORMULA}"
    assert lines[1]["reasons_en"] == "'\t+1"
    assert lines[0]["due_on"] == "2026-06-29"
    assert lines[-1]["expected_loss_amount"] == "-1.0000"  # a number is no formula
    assert [line["churn_probability"] for line in lines[:2]] == ["0.725000", ""]


def test_the_workbook_is_readable_and_no_cell_runs(folder):
    sheet = openpyxl.load_workbook(folder / "worklist.xlsx").active
    assert sheet.freeze_panes == "A2"
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 34
    heading = {name.split(" · ")[0]: at for at, name in enumerate(rows[0])}
    assert rows[1][heading["Level"]] == "Red · 红色预警"
    assert rows[1][heading["Due"]].date() == date(2026, 6, 29)
    assert rows[2][heading["Name"]] == f"'{FORMULA}"
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


def test_the_tasks_of_the_day_are_a_sheet_and_a_file_each_person_in_their_order(folder):
    sheet = openpyxl.load_workbook(folder / "worklist.xlsx")["The day 当日任务"]
    rows = list(sheet.iter_rows(values_only=True))
    heading = {name.split(" · ")[0]: at for at, name in enumerate(rows[0])}
    assert [(row[heading["Who"]], row[heading["Task"]]) for row in rows[1:]] == [
        ("S1", "Complaint or bad answer to close · 待闭环投诉与差评"),
        ("S1", "Visit due · 应拜访"),
        ("S2", "Escalated warning · 已上报主管的预警"),
        (None, "Contact due · 应联系"),
    ]
    assert {row[heading["Name"]] for row in rows[1:]} == {f"'{FORMULA}"}
    content = (folder / "tasks.csv").read_text("utf-8-sig")
    lines = list(csv.DictReader(content.splitlines()))
    assert [line["reason_en"] for line in lines] == [
        "complaint of S1",
        "visit of S1",
        "escalation of S2",
        "follow_up of None",
    ]


def test_an_empty_worklist_is_a_file_with_its_heading(tmp_path):
    written(tmp_path)
    assert (tmp_path / "worklist.csv").read_text("utf-8-sig").startswith("overall_rank")
    assert openpyxl.load_workbook(tmp_path / "worklist.xlsx").active.max_row == 1


def test_the_same_rows_give_the_same_bytes(folder, tmp_path):
    written(tmp_path, **TABLES)
    for name in ("worklist.csv", "tasks.csv", "worklist.xlsx"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    "cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "＝1", "\x00=1"]
)
def test_a_cell_that_a_spreadsheet_might_run_is_defused(cell):
    assert worklist.defused(cell).startswith("'")


@pytest.mark.parametrize("cell", ["王**", "a=1", "", None, -1, date(2026, 1, 1)])
def test_any_other_cell_stays_as_it_is(cell):
    assert worklist.defused(cell) == cell
