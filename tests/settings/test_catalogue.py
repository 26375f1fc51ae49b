"""The catalogue of settings: what they take is what their readers understand, and no more."""

import json
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.auth.gate import gate_is_open
from fastapi_app.backup import retention
from fastapi_app.config import Config
from fastapi_app.downloads import preferences, quality, schedule
from fastapi_app.errors import BadField
from fastapi_app.indexing.shelves import shelves
from fastapi_app.naming.template import parse
from fastapi_app.nfo import schedule as nfo
from fastapi_app.settings import fixed, rules
from fastapi_app.settings.catalogue import CATALOGUE, Entry, Group, check, entry_of, is_fitting
from fastapi_app.settings.kinds import WEEKDAYS, Secret, chosen_days, days_text

VECTORS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "setting_values.json").read_text("utf-8")
)
DEFAULTS = {entry.key: entry.default for entry in CATALOGUE}
INTERNAL = {schedule.SWITCH, schedule.LAST, retention.LAST, nfo.LAST, "welcome_step", "webhooks_config"}


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.key)
def test_each_setting_takes_what_both_sides_take(entry: Entry) -> None:
    told = VECTORS[entry.key]
    assert entry.kind.expected == told["expected"]
    assert [text for text in told["taken"] if not is_fitting(entry, text)] == []
    assert [text for text in told["refused"] if is_fitting(entry, text)] == []
    assert all(is_fitting(entry, text) for text in (None, "", "  ", entry.default))


def test_every_setting_stands_here_once_and_no_row_of_the_application_does() -> None:
    assert VECTORS.keys() == DEFAULTS.keys()
    assert len(CATALOGUE) == len(DEFAULTS)
    assert not INTERNAL & DEFAULTS.keys()
    assert {entry.key for entry in CATALOGUE if isinstance(entry.kind, Secret)} == set(
        filter(rules.is_secret, DEFAULTS)
    )


def test_a_default_is_what_its_reader_does_without_a_row() -> None:
    assert preferences.preferences(DEFAULTS) == preferences.preferences({})
    assert shelves(DEFAULTS) == shelves({})
    assert schedule.hour_of(DEFAULTS[schedule.TIME]) == schedule.hour_of(None)
    assert schedule.weekdays(DEFAULTS[schedule.DAYS]) == schedule.weekdays(None)
    assert schedule.most_videos(DEFAULTS) == schedule.most_videos({})
    assert schedule.is_on(DEFAULTS) is schedule.is_on({}) is False
    assert retention.kept(DEFAULTS[retention.KEEP]) == retention.kept(None)
    assert gate_is_open(DEFAULTS["require_authentication"]) is gate_is_open(None) is False
    parse(DEFAULTS["naming_template"])


def test_every_quality_that_is_offered_or_taken_is_one() -> None:
    kind = next(entry.kind for entry in CATALOGUE if entry.key == "video_quality_preference")
    assert all(kind.takes(name) for name in quality.QUALITIES)
    for text in VECTORS["video_quality_preference"]["taken"]:
        assert quality.choice(text) != quality.choice("best") or text in ("best", "1080p", "1080")


def test_days_mean_the_same_to_the_form_and_to_the_schedule() -> None:
    for text in (*VECTORS[schedule.DAYS]["taken"], ""):
        days = chosen_days(text)
        assert {WEEKDAYS.index(day) for day in days} == schedule.weekdays(text)
        assert schedule.weekdays(days_text(list(days))) == schedule.weekdays(text)


def test_a_row_is_known_in_every_spelling_that_finds_it() -> None:
    assert entry_of("Backup_KEEP ") is entry_of("backup_keep") is not None
    with pytest.raises(BadField, match="BACKUP_KEEP must be a whole number from 1 to 365"):
        check("BACKUP_KEEP", "none")
    assert entry_of("app_port") is None
    check("app_port", "any text at all")


def test_what_is_fixed_is_told_without_secrets(tmp_path: Path) -> None:
    config = Config(
        data_dir=tmp_path,
        database_url="mysql://me:hidden@db:3306/mvidarr",
        redis_url="redis://:hidden@redis:6379/0",
        secret_key="hidden-hidden-hidden",
    )
    shown = [fact for group in Group for fact in fixed.told(config, group)]
    assert len(shown) == len(fixed.FIXED)
    assert "hidden" not in repr(shown)
    assert {fact.variable for fact in shown if fact.given} >= {"MVIDARR_DATA_DIR", "MVIDARR_REDIS_URL"}
    assert all(each.field in Config.model_fields for each in fixed.FIXED)


def test_a_database_by_the_names_of_0_9_is_told_by_them(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, database_url="", db_host="db", db_password="hidden")
    shown = fixed.told(config, Group.DATABASE)[0]
    assert (shown.variable, shown.given) == ("DB_HOST", True)
    assert "hidden" not in shown.value


def test_redis_by_a_name_that_nobody_can_read_is_not_shown() -> None:
    facts = fixed.told(Config(redis_url="hidden"), Group.DATABASE)
    assert next(fact.value for fact in facts if fact.label == "Redis") == "set"
