"""Forms to settings and back: what nobody touched stays, what nobody can read shows what holds."""

import pytest

from fastapi_app.pages.settings import rules, view
from fastapi_app.pages.settings.rules import BEFORE, CLEAR
from fastapi_app.settings.catalogue import CATALOGUE, Entry, Group
from fastapi_app.settings.rules import MASK

ENTRIES = {entry.key: entry for entry in CATALOGUE}


def entry(key: str) -> Entry:
    return ENTRIES[key]


@pytest.mark.parametrize(
    ("key", "stored", "shown"),
    [
        ("download_subtitles", None, "false"),
        ("download_subtitles", "Yes", "true"),
        ("auto_index_organized_videos", "no", "false"),
        ("auto_index_organized_videos", "nonsense", "true"),
        ("require_authentication", "", "false"),
        ("require_authentication", None, "true"),
        ("backup_keep", " 12 ", "12"),
        ("backup_keep", "many", "7"),
        ("backup_keep", "9999", "9999"),
        ("download_pause", "", "5"),
        ("auto_download_schedule_time", "9:30:00", "09:30"),
        ("auto_download_schedule_time", "late", "02:00"),
        ("auto_download_schedule_days", "Friday, monday", "monday,friday"),
        ("auto_download_schedule_days", "whenever", "daily"),
        ("auto_download_schedule_days", "weekly", "sunday"),
        ("video_quality_preference", "4K", "4k"),
        ("imvdb_api_key", "hidden", ""),
    ],
)
def test_a_form_shows_what_holds(key: str, stored: str | None, shown: str) -> None:
    assert rules.in_form(entry(key), stored) == shown


def test_only_what_somebody_changed_is_sent() -> None:
    items = [
        (BEFORE + "backup_keep", "7"),
        ("backup_keep", " 7 "),
        (BEFORE + "backup_every_days", "0"),
        ("backup_every_days", "2"),
        (BEFORE + "download_subtitles", "true"),
        ("download_subtitles", "false"),
        (BEFORE + "write_nfo", "false"),
        ("write_nfo", "false"),
        ("write_nfo", "true"),
        ("somebody_else", "x"),
        ("auto_download_last_slot", "x"),
    ]
    assert rules.sent(items) == {"backup_every_days": "2", "download_subtitles": "false", "write_nfo": "true"}


def test_days_are_one_setting() -> None:
    key = "auto_download_schedule_days"
    days = [(BEFORE + key, "daily"), (key, ""), (key, "friday"), (key, "monday"), (key, "noday")]
    assert rules.sent(days) == {key: "monday,friday"}
    assert rules.sent([(BEFORE + key, "friday"), (key, "")]) == {key: "daily"}


@pytest.mark.parametrize(
    ("typed", "more", "sent"),
    [
        ("", [], {}),
        (MASK, [], {}),
        (" new ", [], {"imvdb_api_key": "new"}),
        ("", [(CLEAR, "imvdb_api_key")], {"imvdb_api_key": ""}),
        ("", [(CLEAR, "youtube_api_key")], {}),
    ],
)
def test_a_secret_is_kept_replaced_or_removed(typed: str, more: list[tuple[str, str]], sent: dict[str, str]) -> None:
    assert rules.sent([("imvdb_api_key", typed), *more]) == sent


def test_what_does_not_fit_is_told_in_a_sentence() -> None:
    wanted = {"backup_keep": "0", "download_pause": "2.5", "subtitle_languages": "!"}
    assert rules.faults(wanted) == {
        "backup_keep": "It must be a whole number from 1 to 365.",
        "subtitle_languages": "It must be codes of languages like en, pt-BR.",
    }


def test_a_secret_never_reaches_a_field_and_is_locked_for_those_who_do_not_administer() -> None:
    told = view.Told(typed={"imvdb_api_key": "typed"})
    for administers in (True, False):
        field = view.field_of(entry("imvdb_api_key"), "stored", told, administers=administers)
        assert (field.text, field.before, field.is_set, field.is_locked) == ("", "", True, not administers)


def test_a_choice_that_is_none_of_ours_is_kept_in_the_list() -> None:
    field = view.field_of(entry("video_quality_preference"), "ultra", view.Told(), administers=True)
    assert field.options[-1] == ("ultra", "ultra")
    assert not field.is_usual


@pytest.mark.parametrize("search", ["pause", "DOWNLOADS pause", "download_pause", "two from the same site"])
def test_a_search_reads_names_words_and_groups(search: str) -> None:
    assert rules.is_found(search, entry("download_pause"))
    assert not rules.is_found(f"{search} zzz", entry("download_pause"))


def test_nonsense_in_the_address_is_the_first_group() -> None:
    assert rules.group_of("nope") is rules.group_of("") is Group.GENERAL
    assert rules.group_of("system") is Group.SYSTEM
