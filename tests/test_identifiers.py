"""What identifies a customer has one normal form, however it was spelled."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable

import duckdb
import phonenumbers
import pytest
import yaml
from phonenumbers import PhoneNumberFormat

from engines.rendering import PROJECT, render
from orchestration.settings import REFERENCE
from seeds import phones

LISTS = ("email_providers", "phone_policies", "phone_regions", "phone_ranges",
         "company_suffixes", "identity_placeholders")  # fmt: skip
MODELS = ("int_emails__normalised", "int_phones__normalised",
          "int_names__normalised", "int_identifiers__normalised")  # fmt: skip
FOLDER = PROJECT / "models" / "intermediate" / "identity"

Normalise = Callable[..., dict[str, str | None]]


@pytest.fixture(scope="module")
def normalise() -> Iterable[Normalise]:
    """The normal forms of spellings of an attribute, as the models give them."""
    declared = yaml.safe_load((REFERENCE / "_identity.yml").read_text("utf-8"))["seeds"]
    types = {one["name"]: one["config"]["column_types"] for one in declared}
    queries = {
        model: render((FOLDER / f"{model}.sql").read_text("utf-8"), "duckdb")
        for model in MODELS
    }
    with duckdb.connect() as connection:
        connection.execute("create schema refs")
        for name in LISTS:
            connection.execute(
                f"create table refs.{name} as from "
                "read_csv(?, header = true, columns = $columns)".replace("?", "$file"),
                {"file": str(REFERENCE / f"{name}.csv"), "columns": types[name]},
            )

        def ask(
            attribute: str,
            spellings: Iterable[str],
            customer_type: str = "person",
            default_region: str = "CN",
            placeholders: bool = True,
        ) -> dict[str, str | None]:
            connection.execute(
                "update refs.phone_policies set default_region = ?", [default_region]
            )
            connection.execute(
                "create or replace table refs.int_identifiers__told as "
                "select 'crm' as namespace, told_value as record_id, ? as attribute, "
                "told_value, ? as customer_type, true as is_current, "
                "timestamp '2026-06-30' as first_told_at "
                "from (select distinct unnest(?::varchar[]) as told_value)",
                [attribute, customer_type, list(spellings)],
            )
            for model, query in queries.items():
                connection.execute(f"create or replace table refs.{model} as {query}")
            return dict(
                connection.execute(
                    "select told_value, value from refs.int_identifiers__normalised"
                    if placeholders
                    else "select told_value, phone from refs.int_identifiers__told "
                    "left join refs.int_phones__normalised using (told_value)"
                ).fetchall()
            )

        yield ask


def assert_forms(found: dict, wanted: dict) -> None:
    assert found == wanted


# --- by hand -------------------------------------------------------------------------


def test_emails_mean_a_mailbox(normalise):
    wanted = {
        " Wang.Lei@Example.com ": "wang.lei@example.com",
        "ｗａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ": "wang@example.com",
        "\u200bwang@example.com\u3000": "wang@example.com",
        "w.a.n.g+shop@gmail.com": "wang@gmail.com",
        "Wang+x@GoogleMail.com": "wang@gmail.com",
        "wang+shop@example.org": "wang@example.org",
        "ann-shop@yahoo.com": "ann@yahoo.com",
        "ann-lee@example.com": "ann-lee@example.com",
        "a.b+c@163.com": "a.b+c@163.com",
        "12345@qq.com": "12345@qq.com",
        "ada@me.com": "ada@icloud.com",
        "ada@pm.me": "ada@proton.me",
        "+tag@gmail.com": None,
        "two@signs@example.com": None,
        "nobody at example.com": None,
        "@example.com": None,
        "wang@": None,
        "wang@localhost": None,
        "wang@example..com": None,
        "a b@example.com": None,
        "None@example.com": None,
        "no-reply@example.com": None,
        "test@example.com": None,
        "": None,
    }
    assert_forms(normalise("email", wanted), wanted)


def test_phones_of_china_are_one_number_however_they_are_spelled(normalise):
    mobile, office = "+8613618033989", "+861062345679"
    wanted = {
        "13618033989": mobile,
        "136-1803-3989": mobile,
        "１３６ １８０３ ３９８９": mobile,
        "+86 136 1803 3989": mobile,
        "(+86)13618033989": mobile,
        "008613618033989": mobile,
        "8613618033989": mobile,
        "tel:+86-136-1803-3989": mobile,
        "手机：13618033989": mobile,
        "＋８６１３６１８０３３９８９": mobile,
        "010-62345679": office,
        "(010) 6234 5679": office,
        "01062345679转8001": office,
        "+86 (0)10 6234 5679": office,
        "010 62345679 ext. 5": office,
        "010-62345679x5": office,
        "(0571) 8765 4321": "+8657187654321",
        "400-820-0188": "+864008200188",
        "800 820 0188": "+868008200188",
        "+1 (212) 555-0123": "+12125550123",
        "0044 20 7946 0958": "+442079460958",
        "62345679": None,  # of which area?
        "1361803398": None,
        "136180339890": None,
        "13618033989 王": None,
        "13618033989/13618033980": None,
        "13800138000": None,
        "11111111111": None,
        "12345678901": None,
        "010-12345678": None,
        "no phone": None,
        "+": None,
        "tel:13618033989;phone-context=+44": None,
    }
    assert_forms(normalise("phone", wanted), wanted)


def test_names_of_people_are_compared_without_how_they_are_set(normalise):
    wanted = {
        "林晓雯": "林晓雯",
        " 林 晓雯 ": "林晓雯",
        "林\u3000晓雯": "林晓雯",
        "阿卜杜拉·买买提": "阿卜杜拉买买提",
        "Ada Quill": "ada quill",
        "Quill, Ada": "ada quill",
        "ＡＤＡ　ＱＵＩＬＬ": "ada quill",
        "José Núñez": "jose nunez",
        "Jose\u0301 Nun\u0303ez": "jose nunez",
        "Søren Groß": "gross soren",
        "Sean O’Neill": "oneill sean",
        "Anne-Marie Roy": "anne marie roy",
        "林": None,
        "A. Q.": None,
        "A": None,
        "12345": None,
        "测试": None,
        "王先生": None,
        "---": None,
    }
    assert_forms(normalise("name", wanted), wanted)


def test_names_of_companies_are_compared_without_their_legal_form(normalise):
    wanted = {
        "杭州青禾科技有限公司": "杭州青禾科技",
        "杭州青禾科技股份有限公司": "杭州青禾科技",
        "杭州青禾科技（集团）有限责任公司": "杭州青禾科技",
        "株式会社サクラ": "サクラ",
        "サクラ 株式会社": "サクラ",
        "Quill Trading Co., Ltd.": "quill trading",
        "QUILL TRADING LIMITED": "quill trading",
        "Quill GmbH": "quill",
        "Quill S.A.": "quill",
        "Limited Edition Ltd": "limited edition",
        "Costco": "costco",
        "360公司": "360",
        "有限公司": None,
        "Ltd.": None,
    }
    assert_forms(normalise("name", wanted, customer_type="company"), wanted)


def test_days_of_birth_are_days(normalise):
    wanted = {
        "1983-10-23": "1983-10-23",
        "1983/10/3": "1983-10-03",
        "19831023": "1983-10-23",
        "1983年10月23日": "1983-10-23",
        "1983-10-23 00:00:00": "1983-10-23",
        "1983-02-30": None,
        "10/23/1983": None,
        "1900-01-01": None,
        "1970-01-01": None,
        "2026-07-01": None,  # after it was told
    }
    assert_forms(normalise("birth_date", wanted), wanted)


def test_numbers_of_our_own_are_what_they_say(normalise):
    cards = {"ｋ3000-0073": "K30000073", "k3000 0073": "K30000073", "0000": None}
    assert_forms(normalise("loyalty_card_no", cards), cards)
    unions = {" oAbC-1_2 ": "oAbC-1_2", "000000": None, "null": None, "  ": None}
    assert_forms(normalise("wechat_union_id", unions), unions)


# --- by the library ------------------------------------------------------------------

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
DEFAULTS = ("CN", "US", "GB", "DE", "JP", "HK", "IT", "RU", "FR", "SG")
WIDE = str.maketrans("0123456789+", "０１２３４５６７８９＋")
KINDS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 10)  # of the library: landline, mobile …


def examples(region: str) -> Iterable[phonenumbers.PhoneNumber]:
    for kind in KINDS:
        if one := phonenumbers.example_number_for_type(region, kind):
            yield one


def wrong_numbers(number: phonenumbers.PhoneNumber) -> Iterable[str]:
    """Near to a real one, and mostly none."""
    text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    yield from (text[:-1], text + "0", text[:-3], text[:4] + "0" + text[4:])


def spellings(region: str, default: str) -> set[str]:
    found = set()
    for one in examples(region):
        full = phonenumbers.format_number(one, PhoneNumberFormat.E164)
        spelled = phonenumbers.format_number(one, PhoneNumberFormat.INTERNATIONAL)
        found |= {full, spelled, spelled.replace(" ", "-"), full.translate(WIDE)}
        found.add(phonenumbers.format_number(one, PhoneNumberFormat.RFC3966))
        found.update(wrong_numbers(one))
        # RU dials 8~10; of HK's 00 1 the library takes the 1 for a carrier.
        if default not in ("RU", "HK"):
            found.add(phonenumbers.format_out_of_country_calling_number(one, default))
        if region == default:
            nation = phonenumbers.format_number(one, PhoneNumberFormat.NATIONAL)
            found |= {nation, f"({nation[:3]}) {nation[3:]}", full[1:]}
            found |= {nation + " ext. 5", nation + " x5"}
            found.add(phonenumbers.national_significant_number(one))
    return found


def by_the_library(text: str, default: str) -> tuple[str | None, bool]:
    """The number that it reads, and whether it holds that there are such."""
    try:
        number = phonenumbers.parse(text, default)
    except phonenumbers.NumberParseException:
        return None, False
    number.extension = None
    full = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return full, phonenumbers.is_valid_number(number)


def compared(normalise: Normalise, default: str, regions: Iterable[str]) -> Counter:
    """How often ours and the library's number are what to each other."""
    asked = {text for region in regions for text in spellings(region, default)}
    found = normalise("phone", asked, default_region=default, placeholders=False)
    verdicts = Counter()
    for text, ours in found.items():
        full, is_valid = by_the_library(text, default)
        if ours == full:
            verdict = "same" if is_valid else "unsure"
        elif ours is None:
            verdict = "lost" if is_valid else "none"
        else:
            verdict = f"other: {text} is {ours}, not {full}"
        verdicts[verdict] += 1
    return verdicts


@pytest.mark.parametrize("default", DEFAULTS)
def test_a_phone_is_the_library_s_number_or_none(normalise, default):
    """Measured with 9.0.43: of 7,210 valid spellings 7 have none, and none another."""
    some = REGIONS if default == "CN" else [default, "CN", "US"]
    verdicts = compared(normalise, default, some)

    assert [verdict for verdict in verdicts if verdict.startswith("other")] == []
    assert verdicts["same"] > (6_000 if default == "CN" else 70)
    assert verdicts["lost"] <= 0.03 * verdicts["same"]
    # Three digits and a length are what we know: the library knows all of them.
    assert verdicts["unsure"] <= 0.05 * verdicts["none"]


def test_every_region_has_its_line_as_the_library_has_it():
    """A newer library means `python -m seeds.phones`; SQL agrees by the test above."""
    lines = {
        line["region"]: line
        for line in csv.DictReader((REFERENCE / "phone_regions.csv").open("r"))
    }
    assert sorted(lines) == REGIONS
    metadata = [phonenumbers.PhoneMetadata.metadata_for_region(one) for one in REGIONS]
    assert [lines[one.id] for one in metadata] == [*map(phones.region_line, metadata)]
    assert lines["HU"]["trunk_prefixes"] == "06"
    assert lines["US"]["international_prefixes"] == "011"


def test_first_digits_are_those_of_the_pattern():
    left = phones.state(r"1(?:[38]\d|5[0-24])\d{2}|9\d{2,3}")

    found = phones.shortened(set(phones.beginnings(left, 5)))
    assert found == {"13", "18", "150", "151", "152", "154"}
    assert phones.shortened(set(phones.beginnings(left, 4))) == {"9"}
    assert list(phones.beginnings(left, 6)) == []
    assert phones.usual("00(?:[12]|30)?") == ["00", "001", "002", "0030"]
