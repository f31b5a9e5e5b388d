"""Settings come from the environment once, and a wrong one is said in one sentence."""

import re
from datetime import date

import pytest

from orchestration.settings import (
    PROJECT,
    SAMPLE_PSEUDONYM_KEY,
    SettingsError,
    from_environment,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AS_OF_DATE", "30.06.2026"),
        ("AS_OF_DATE", "2026-02-30"),
        ("AS_OF_DATE", "yesterday"),
        ("BUSINESS_TIMEZONE", "Mars/Olympus"),
        ("BUSINESS_TIMEZONE", "../../etc/passwd"),
        ("BUSINESS_TIMEZONE", "Asia"),
        ("BASE_CURRENCY", "yuan"),
        ("BASE_CURRENCY", "cny"),
        ("THREADS", "0"),
        ("THREADS", "-1"),
        ("THREADS", "two"),
        ("THREADS", "1.5"),
        ("THREADS", "²"),
        ("MEMORY_LIMIT", "4"),
        ("MEMORY_LIMIT", "much"),
        ("MEMORY_LIMIT", "80%"),
        ("MEMORY_LIMIT", "0GB"),
        ("SNAPSHOTS_KEPT", "0"),
        ("SNAPSHOTS_KEPT", "all"),
        ("PUBLISH_POSTGRES_URL", "postgres://somewhere"),
        ("NOTIFY_URL", "https://somewhere"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_sentence(name, value):
    with pytest.raises(SettingsError) as error:
        from_environment({name: value})
    message = str(error.value)
    assert message.startswith(f"{name} is ")
    assert message.endswith(".")
    assert re.search(r": (write|unset) ", message)
    assert "\n" not in message


def test_without_any_setting_the_sample_is_built_beside_the_code():
    settings = from_environment({})
    assert settings.landing_dir == PROJECT / "seeds" / "landing"
    assert settings.data_dir == PROJECT / "data"
    assert settings.as_of_date is None
    assert settings.business_timezone == "Asia/Shanghai"
    assert settings.base_currency == "CNY"
    assert settings.pseudonym_key == SAMPLE_PSEUDONYM_KEY
    assert settings.uses_sample_key
    assert settings.threads >= 1


def test_every_setting_is_read():
    settings = from_environment(
        {
            "LANDING_DIR": "/in",
            "DATA_DIR": "/out",
            "AS_OF_DATE": " 2026-06-30 ",
            "BUSINESS_TIMEZONE": "Europe/London",
            "BASE_CURRENCY": "EUR",
            "THREADS": "3",
            "MEMORY_LIMIT": "2.5GiB",
            "PSEUDONYM_KEY": "ours",
            "SNAPSHOTS_KEPT": "5",
        }
    )
    assert (str(settings.landing_dir), str(settings.raw)) == ("/in", "/out/raw")
    assert settings.as_of_date == date(2026, 6, 30)
    assert (settings.business_timezone, settings.base_currency) == (
        "Europe/London",
        "EUR",
    )
    assert (settings.threads, settings.memory_limit) == (3, "2.5GiB")
    assert (settings.pseudonym_key, settings.snapshots_kept) == ("ours", 5)
    assert not settings.uses_sample_key


def test_an_empty_setting_is_the_default():
    assert from_environment({"AS_OF_DATE": "", "THREADS": " "}) == from_environment({})


def test_relative_paths_do_not_follow_the_shell(tmp_path, monkeypatch):
    given = {"LANDING_DIR": "in", "DATA_DIR": "./out/../data"}
    here = from_environment(given)
    monkeypatch.chdir(tmp_path)
    assert from_environment(given) == here
    assert (here.landing_dir, here.data_dir) == (PROJECT / "in", PROJECT / "data")


def test_only_settings_reads_the_environment():
    readers = {
        path.name
        for folder in ("orchestration", "expectations", "page")
        for path in (PROJECT / folder).rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text("utf-8"))
    }
    assert readers == {"settings.py"}
