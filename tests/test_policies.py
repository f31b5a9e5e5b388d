"""Reference data that people edit: every fault is named with its file and line."""

import csv
import shutil
from itertools import product

import pytest

from orchestration import policies
from orchestration.settings import REFERENCE

DECLARED = """
seeds:
  - name: labels
    config:
      column_types: {list_code: string, code: string}
  - name: levels
    config:
      column_types: {policy: string, tier_code: string, tier_rank: integer,
        entry_score: "decimal(9, 2)", stay_score: double, is_shown: boolean}
      meta:
        required: [policy, entry_score]
        key: [policy, tier_code]
        codes: {tier_code: tier}
        refers_to: {policy: policies.policy}
        between: {entry_score: [0, 100]}
        asks_for: [entry_score, stay_score, tier_rank]
        not_above: {stay_score: entry_score}
        rising: {of: [policy], by: tier_rank, columns: [entry_score], from: 0}
        paired: [[tier_code, tier_rank]]
  - name: policies
    config:
      column_types: {policy: string, basis: string, valid_from: date, valid_to: date}
      meta:
        among: {basis: [orders, contracts]}
        validity: [policy]
        covers: {policy: kinds.kind}
        has_lines_in: {by: [policy], lists: [levels, criteria]}
  - name: criteria
    config:
      column_types: {policy: string, weight: integer, steps: string, words: string,
        also: string, measure: string, days: integer}
      meta:
        belongs_to: {by: [policy], list: policies}
        combines:
          - columns: [measure, days]
            among: [[value, 365], [tenure, ""], [credit, "*"]]
        filled_if: {steps: {measure: value}}
        needs: {steps: {also: gold}}
        graded: {of: [policy], by: {measure: [tenure, value]}, column: weight}
        adds_up: {column: weight, of: [policy], to: 100}
        steps: [steps]
        steps_from: {steps: 0}
        placeholders: {words: [days, usual]}
        codes: {also: "tier;"}
  - name: kinds
    config:
      column_types: {kind: string, said: string, level: string, ages: string}
      meta:
        bands: [ages]
        filled_if: {ages: {said: [twice, thrice]}}
        complete: {said: [once, twice]}
        every_code: {level: tier}
  - name: plays
    config:
      column_types: {place: integer, tier_code: string, said: string, valid_from: date,
        valid_to: date}
      meta:
        validity: [place]
        decides: {by: place, among: {tier_code: "tier?", said: said}}
        filled_if: {valid_to: {said: [all, once, twice]}}
"""
GOOD = {
    "kinds": "kind,said,level,ages\na,once,gold,\na,twice,basic,0;25\n",
    "labels": "list_code,code\ntier,basic\ntier,gold\nsaid,once\nsaid,twice\n",
    "levels": (
        "policy,tier_code,tier_rank,entry_score,stay_score,is_shown\n"
        "a,basic,1,0,0,true\n"
        "a,gold,2,80.5,75,false\n"
    ),
    "policies": (
        "policy,basis,valid_from,valid_to\n"
        "a,orders,1900-01-01,2025-12-31\n"
        "a,contracts,2026-01-01,2999-12-31\n"
    ),
    "criteria": (
        "policy,weight,steps,words,also,measure,days\n"
        'a,60,0:0;10:0.5,"{days} days, usually {usual}",basic;gold,value,365\n'
        "a,40,,,,tenure,\n"
    ),
    "plays": (
        "place,tier_code,said,valid_from,valid_to\n"
        "3,all,all,2026-01-01,2999-12-31\n"
        "1,gold,all,1900-01-01,2999-12-31\n"
        "2,all,once,1900-01-01,2999-12-31\n"
        "4,all,twice,1900-01-01,2025-12-31\n"
    ),
}


@pytest.fixture
def reference(tmp_path):
    """Write lists of reference data, those given in place of the good ones."""

    def write(**changed):
        (tmp_path / "_lists.yml").write_text(DECLARED, "utf-8")
        for name, text in (GOOD | changed).items():
            (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        return tmp_path

    return write


def test_good_lists_have_no_fault(reference):
    assert policies.faults(reference()) == []


def test_the_shipped_lists_have_no_fault():
    assert policies.faults() == []


def test_the_shipped_playbook_sends_nothing_of_marketing_to_whoever_refused():
    """Warnings aside: of a warning an account manager writes in person."""
    with (REFERENCE / "playbook_lines.csv").open(encoding="utf-8", newline="") as file:
        lines = sorted(csv.DictReader(file), key=lambda line: int(line["rule_order"]))
    tiers, stages, reasons = (
        {line[column] for line in lines} - {"all"} | absent
        for column, absent in (
            ("tier_code", {"none"}),
            ("lifecycle_stage", set()),
            ("reason_class", {"none"}),
        )
    )
    decided = set()
    for tier, stage, reason in product(tiers, stages, reasons):
        wanted = {
            "tier_code": tier,
            "lifecycle_stage": stage,
            "warning_level": "none",
            "reason_class": reason,
            "marketing_permission": "refused",
        }
        line = next(
            line
            for line in lines
            if all(line[column] in ("all", code) for column, code in wanted.items())
        )
        decided.add((line["owner_role"], line["channel"], line["action_code"]))
    written = {
        (role, way) for role, way, _ in decided if way in ("email", "sms", "wechat")
    }
    assert written == set()
    assert "marketing" not in {role for role, _, _ in decided}
    assert {action for _, _, action in decided if "offer" in action} == set()


def test_what_stands_for_whatever_is_not_empty_takes_it(reference):
    filled = GOOD["criteria"].replace("tenure,\n", "credit,77\n")
    assert policies.faults(reference(criteria=filled)) == []


def test_an_indicator_is_replayed_by_no_feature_of_another_unit(tmp_path):
    folder = tmp_path / "reference"
    shutil.copytree(REFERENCE, folder)
    path = folder / "warning_indicators.csv"
    in_hours = path.read_text("utf-8").replace(
        "days,,complaint_open_days", "hours,,complaint_open_days"
    )
    path.write_text(in_hours, "utf-8")
    assert policies.faults(folder) == [
        "warning_indicators.csv, line 2, feature_code, unit: 'complaint_open_days "
        "hours' is not in churn_features.csv; add it there, or leave feature_code "
        "empty."
    ]


PLATINUM = "companies,1,platinum,4,85,80,3,20,45,90,1,4000,visit;phone"


def levels_with(folder, *changes):
    """The shipped lists, with a tier of companies between gold and diamond."""
    shutil.copytree(REFERENCE, folder)
    labels = folder / "labels.csv"
    text = labels.read_text("utf-8")
    labels.write_text(text + "tier,platinum,Platinum,铂金\n", "utf-8")
    levels = folder / "tier_levels.csv"
    text = levels.read_text("utf-8")
    text = text.replace("companies,1,diamond", f"{PLATINUM}\ncompanies,1,diamond")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    levels.write_text(text, "utf-8")
    return folder


def test_a_tier_has_one_rank_in_all_policies(tmp_path):
    folder = levels_with(
        tmp_path / "reference", ("companies,1,diamond,4", "companies,1,diamond,5")
    )
    assert policies.faults(folder)[:2] == [
        "tier_levels.csv, line 10, tier_rank: 5 stands beside tier_code diamond, and "
        "4 on line 5: the two go together in all lines, so change one of them.",
        "tier_levels.csv, line 9, tier_code: platinum stands beside tier_rank 4, and "
        "diamond on line 5: the two go together in all lines, so change one of them.",
    ]


def test_a_policy_may_leave_a_rank_of_the_ladder_out(tmp_path):
    folder = levels_with(tmp_path / "reference", ("diamond,4", "diamond,5"))
    faults = [f for f in policies.faults(folder) if "tier_levels" in f]
    assert faults == []


def test_a_list_covers_by_the_lines_that_its_condition_names(reference):
    folder = reference()
    declared = folder / "_lists.yml"
    conditioned = "covers: {policy: {of: kinds.kind, where: {basis: orders}}}"
    declared.write_text(
        DECLARED.replace("covers: {policy: kinds.kind}", conditioned), "utf-8"
    )
    # That the line of contracts reaches the end of days does not help orders.
    assert policies.faults(folder) == [
        "policies.csv, line 2, valid_to: the days of a do not reach 2999-12-31; write "
        "that."
    ]
    lists = GOOD["policies"].replace("orders", "contracts")
    (folder / "policies.csv").write_text(lists, "utf-8")
    assert policies.faults(folder) == [
        "policies.csv has no line for a and basis orders, which kinds.csv names: add "
        "one."
    ]


@pytest.mark.parametrize(
    ("listing", "good", "bad", "sentence"),
    [
        (
            "levels",
            "a,gold,2,80.5",
            "a,gold,2,high",
            "levels.csv, line 3, entry_score: 'high' is no value; write a number such "
            "as 0.75.",
        ),
        (
            "levels",
            "a,basic,1,0,",
            "a,basic,1,10.5,",
            "levels.csv, line 2, entry_score: the lowest level of a begins at 0, not "
            "at 10.5: nobody is below it.",
        ),
        (
            "criteria",
            "0:0;10:0.5",
            "1:1;10:0.5",
            "criteria.csv, line 2, steps: the first step begins at 1, so whoever has "
            "less gets nothing; begin at 0, as 0:0 if that is meant.",
        ),
        (
            "levels",
            "75,false",
            "75,no",
            "levels.csv, line 3, is_shown: 'no' is no value; write true or false.",
        ),
        (
            "levels",
            "a,gold,2,80.5",
            "a,gold,2,",
            "levels.csv, line 3, entry_score: it is empty; fill it.",
        ),
        (
            "levels",
            "a,gold,2,80.5",
            "a,platinum,2,80.5",
            "levels.csv, line 3, tier_code: 'platinum' is not in the list tier of "
            "labels.csv; write one of basic, gold.",
        ),
        (
            "levels",
            "a,gold,2,80.5",
            "b,gold,1,80.5",
            "levels.csv, line 3, policy: 'b' is not in policies.csv; write one of a, "
            "or add it there.",
        ),
        (
            "levels",
            "a,gold,2,80.5",
            "a,gold,2,180",
            "levels.csv, line 3, entry_score: 180 is not between 0 and 100.",
        ),
        (
            "levels",
            "a,basic,1,0,0",
            "a,basic,0,0,",
            "levels.csv, line 2, entry_score, stay_score, tier_rank: none of them asks "
            "for anything, so the line fits everybody; fill one.",
        ),
        (
            "levels",
            "80.5,75",
            "80.5,81",
            "levels.csv, line 3, stay_score: 81 is above entry_score, 80.5.",
        ),
        (
            "criteria",
            "basic;gold",
            "basic",
            "criteria.csv, line 2, also: gold is missing, which steps needs; add it, "
            "or leave steps empty.",
        ),
        (
            "levels",
            "a,basic,1,0",
            "a,basic,3,81",
            "levels.csv, line 3, tier_rank: the lowest rank of a must be 1.",
        ),
        (
            "levels",
            "a,basic,1,0,0",
            "a,basic,1,80.5,0",
            "levels.csv, line 3, entry_score: 80.5 is not above the 80.5 of the level "
            "below (line 2).",
        ),
        (
            "levels",
            "a,gold,2,80.5,75,false\n",
            "a,gold,2,80.5,75,false\na,gold,3,90,75,false\n",
            "levels.csv, line 4, policy, tier_code: 'a gold' stands in line 3 already; "
            "keep one of the two.",
        ),
        (
            "policies",
            "a,orders",
            "a,turnover",
            "policies.csv, line 2, basis: 'turnover' is unknown; write one of orders, "
            "contracts.",
        ),
        (
            "policies",
            "2026-01-01",
            "2026-01-05",
            "policies.csv, line 3, valid_from: 2026-01-05 leaves a gap to line 2, "
            "which ends on 2025-12-31; write 2026-01-01, or end line 2 on 2026-01-04.",
        ),
        (
            "policies",
            "2026-01-01",
            "2025-12-31",
            "policies.csv, line 3, valid_from: 2025-12-31 overlaps line 2, which ends "
            "on 2025-12-31; write 2026-01-01, or end line 2 on 2025-12-30.",
        ),
        (
            "policies",
            "2999-12-31",
            "2020-01-01",
            "policies.csv, line 3, valid_to: 2020-01-01 lies before valid_from "
            "2026-01-01.",
        ),
        (
            "policies",
            "2999-12-31",
            "2026-13-31",
            "policies.csv, line 3, valid_to: '2026-13-31' is no value; write a day "
            "such as 2026-06-30.",
        ),
        (
            "levels",
            "a,gold,2,80.5",
            "a,gold,2,1_000",
            "levels.csv, line 3, entry_score: '1_000' is no value; write a number such "
            "as 0.75.",
        ),
        (
            "policies",
            "a,orders,1900",
            "a,orders,1990",
            "policies.csv, line 2, valid_from: the days of a do not reach 1900-01-01; "
            "write that.",
        ),
        (
            "kinds",
            "a,twice",
            "b,twice",
            "policies.csv has no line for b, which kinds.csv names: add one.",
        ),
        (
            "kinds",
            "a,twice",
            "a,once",
            "kinds.csv has no line whose said is twice: add it.",
        ),
        (
            "kinds",
            "0;25",
            "25;0",
            "kinds.csv, line 3, ages: '25;0' is no list of bands; write rising whole "
            "numbers at which each begins, such as 0;365;1095.",
        ),
        (
            "kinds",
            "0;25",
            "",
            "kinds.csv, line 3, ages: it is filled where said is twice or thrice, and "
            "only there.",
        ),
        (
            "kinds",
            "once,gold",
            "once,basic",
            "kinds.csv has no line for gold, a code of the list tier in labels.csv: "
            "add one.",
        ),
        (
            "levels",
            "a,",
            "b,",
            "policies.csv, line 2: 'a' has no lines in levels.csv; add them.",
        ),
        (
            "criteria",
            "a,40",
            "b,40",
            "criteria.csv, line 3, policy: 'b' is not in policies.csv; add it there, "
            "or take this line away.",
        ),
        (
            "criteria",
            "tenure,\n",
            "tenure,365\n",
            "criteria.csv, line 3, measure, days: tenure 365 do not go together; "
            "write one of value 365, tenure (empty), credit *.",
        ),
        (
            "criteria",
            "tenure,\n",
            "credit,\n",
            "criteria.csv, line 3, measure, days: credit (empty) do not go together; "
            "write one of value 365, tenure (empty), credit *.",
        ),
        (
            "criteria",
            "a,40,,",
            "a,40,0:1,",
            "criteria.csv, line 3, steps: it is filled where measure is value, and "
            "only there.",
        ),
        (
            "criteria",
            "a,60",
            "a,30",
            "criteria.csv, line 2, weight: 30 of value is below the 40 of tenure "
            "(line 3).",
        ),
        (
            "criteria",
            "a,40",
            "a,30",
            "criteria.csv, line 3, weight: the lines of a (lines 2, 3) add up to 90, "
            "not to 100.",
        ),
        (
            "criteria",
            "10:0.5",
            "10:1.5",
            "criteria.csv, line 2, steps: '0:0;10:1.5' is no list of steps; write "
            "rising values of at most 1,000,000,000,000 with shares from 0 to 1, "
            "such as 0:0;1000:0.5;5000:1.",
        ),
        (
            "criteria",
            "10:0.5",
            "10000000000000:0.5",
            "criteria.csv, line 2, steps: '0:0;10000000000000:0.5' is no list of "
            "steps; write rising values of at most 1,000,000,000,000 with shares from "
            "0 to 1, such as 0:0;1000:0.5;5000:1.",
        ),
        (
            "criteria",
            "{usual}",
            "{gap}",
            "criteria.csv, line 2, words: {gap} is filled by nothing; write one of "
            "{days}, {usual}.",
        ),
        (
            "criteria",
            "{usual}",
            "{usual",
            "criteria.csv, line 2, words: it has an unmatched brace; write both, or "
            "none.",
        ),
        (
            "criteria",
            "basic;gold",
            "basic;tin",
            "criteria.csv, line 2, also: 'tin' is not in the list tier of labels.csv; "
            "write one of basic, gold.",
        ),
        (
            "criteria",
            "a,40,,,,tenure,\n",
            "a,40,,,tenure,\n",
            "criteria.csv, line 3: 6 fields where the header has 7: put a text with "
            "commas between quotes.",
        ),
        (
            "criteria",
            "policy,weight",
            "policy,wait",
            "criteria.csv, line 1: the columns are policy, wait, steps, words, also, "
            "measure, days; write policy, weight, steps, words, also, measure, days.",
        ),
        (
            "plays",
            "2,all,once",
            "2,gold,once",
            "plays.csv, line 4, place: it never decides, because earlier lines fit all "
            "that it fits; take it away, or write it before them.",
        ),
        (
            "plays",
            "2,all,once",
            "2,all,thrice",
            "plays.csv, line 4, said: 'thrice' is unknown; write one of all, once, "
            "twice.",
        ),
        (
            "plays",
            "2,all,once,1900-01-01,2999-12-31",
            "2,all,once,1900-01-01,",
            "plays.csv, line 4, valid_to: it is filled where said is all or once or "
            "twice, and only there.",
        ),
        # No line is left on some days, for some of the six combinations.
        (
            "plays",
            "2025-12-31",
            "2025-12-30",
            "plays.csv has no line on 2025-12-31 for tier_code basic, said twice "
            "(combinations without one: 2); add one, the last with all for the rest.",
        ),
    ],
)
def test_a_fault_is_named_with_its_file_line_and_remedy(
    reference, listing, good, bad, sentence
):
    assert good in GOOD[listing]
    found = policies.faults(reference(**{listing: GOOD[listing].replace(good, bad)}))
    assert sentence in found


def test_a_line_number_counts_the_lines_of_a_text_that_spans_several(reference):
    spanning = GOOD["criteria"].replace("{days} days,", "{days}\ndays,")
    found = policies.faults(reference(criteria=spanning.replace("a,40", "a,x")))
    assert "criteria.csv, line 4, weight: 'x' is no value" in found[0]


def test_a_missing_and_an_undeclared_list_are_named(reference):
    folder = reference()
    shutil.move(folder / "criteria.csv", folder / "criterions.csv")
    assert {*policies.faults(folder)} >= {
        f"criteria.csv is missing: {folder.name} needs it.",
        "criterions.csv is declared in no YAML file beside it: declare its columns, or "
        "take it away.",
    }


def test_a_list_saved_in_another_encoding_is_named(reference):
    folder = reference()
    (folder / "criteria.csv").write_bytes(
        GOOD["criteria"].replace("days", "天").encode("gb18030")
    )
    assert "criteria.csv is no UTF-8: save it as CSV UTF-8." in policies.faults(folder)


def test_all_faults_are_told_at_once(tmp_path):
    folder = tmp_path / "reference"
    shutil.copytree(REFERENCE, folder)
    for name in ("order_statuses", "customer_types"):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text("utf-8").replace("true", "ja"), "utf-8")
    with pytest.raises(policies.PolicyError) as told:
        policies.check(folder)
    assert "order_statuses.csv, line 2, counts_as_purchase: 'ja'" in str(told.value)
    assert "customer_types.csv, line 2, is_default: 'ja'" in str(told.value)
