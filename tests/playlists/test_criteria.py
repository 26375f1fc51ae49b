"""The grammar of rules: everything that is said is understood, or refused by name."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapi_app.errors import BadField, Conflict
from fastapi_app.playlists import criteria, schemas
from fastapi_app.playlists.criteria import Criteria, Match, Sort
from fastapi_app.playlists.genre_spellings import glob_pattern, like_pattern, spellings

WRONG: list[tuple[Any, str]] = [
    (None, "filter_criteria must be an object"),
    ([], "filter_criteria must be an object"),
    ({"genre": ["Rock"]}, "filter_criteria must be made of added_within_days, artist_names, artists, "),
    ({"match": "none"}, "filter_criteria.match must be of all, any"),
    ({"genres": "Rock"}, "filter_criteria.genres must be a list of at most 100 values"),
    ({"genres": ["x"] * 101}, "filter_criteria.genres must be a list of at most 100 values"),
    ({"genres": [""]}, "filter_criteria.genres must be made of texts of 1 to 255 characters"),
    ({"words": [5]}, "filter_criteria.words must be made of texts"),
    ({"words": ["a\0b"]}, "filter_criteria.words must be text without NUL characters"),
    ({"artists": ["1"]}, "filter_criteria.artists must be made of ids"),
    ({"artists": [True]}, "filter_criteria.artists must be made of ids"),
    ({"artists": [2**31]}, "filter_criteria.artists must be made of ids"),
    ({"status": ["WATCHED"]}, "filter_criteria.status must be of WANTED, "),
    ({"source": [["youtube"]]}, "filter_criteria.source must be of youtube, imvdb, manual"),
    ({"year_from": "1999"}, "filter_criteria.year_from must be a whole number between 0 and 9999"),
    ({"year_from": 2000, "year_to": 1999}, "filter_criteria.year_to must be at least year_from"),
    ({"duration_from": -1}, "filter_criteria.duration_from must be a whole number"),
    ({"duration_from": 2, "duration_to": 1}, "filter_criteria.duration_to must be at least duration_from"),
    ({"added_within_days": 0}, "filter_criteria.added_within_days must be a whole number between 1 and 36500"),
    ({"has_file": "yes"}, "filter_criteria.has_file must be true or false"),
    ({"sort": "random"}, "filter_criteria.sort must be of title, artist, year, added, duration"),
    ({"order": "up"}, "filter_criteria.order must be asc or desc"),
    ({"limit": 10_001}, "filter_criteria.limit must be a whole number between 1 and 10000"),
    ({"limit": 5.0}, "filter_criteria.limit must be a whole number"),
    ({"exclude": ["Rock"]}, "filter_criteria.exclude must be an object"),
    ({"exclude": {"year_from": 1}}, "filter_criteria.exclude must be made of artist_names, artists, genres, "),
    ({"exclude": {"words": [""]}}, "filter_criteria.exclude.words must be made of texts"),
]


@pytest.mark.parametrize(("said", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_what_makes_no_sense_is_refused_by_name(said: Any, told: str) -> None:
    with pytest.raises(BadField) as refused:
        criteria.read(said)
    assert refused.value.message.startswith(told)


def test_nothing_said_asks_for_nothing() -> None:
    empty: dict[str, Any] = {"genres": [], "year_from": None, "exclude": {"words": []}, "has_file": None}
    for said in ({}, empty):
        found = criteria.read(said)
        assert (found, found.stored) == (Criteria(), {})


def test_what_is_said_is_tidied_and_reads_back_the_same() -> None:
    said = {
        "match": "any", "genres": [" Rock ", "Rock"], "genres_match": "all", "status": ["WANTED"], "year_from": 0,
        "has_file": False, "exclude": {"artist_names": ["Björk"]}, "sort": "added", "order": "desc", "limit": 7,
    }  # fmt: skip
    found = criteria.read(said)
    assert (found.match, found.sort, found.descending, found.has_file) == (Match.ANY, Sort.ADDED, True, False)
    stored = json.loads(json.dumps(found.stored))
    assert stored == {**said, "genres": ["Rock"]}
    assert criteria.of_row(stored) == found


def test_rules_that_this_version_cannot_read_are_a_conflict() -> None:
    for stored in (None, "text", {"of": "a later version"}):
        with pytest.raises(Conflict):
            criteria.of_row(stored)


def test_every_key_is_described() -> None:
    assert schemas.FilterCriteria.model_fields.keys() == criteria.KEYS
    assert schemas.Exclusion.model_fields.keys() == criteria.EXCLUDABLE


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=3))
@settings(max_examples=50, deadline=None)
def test_no_value_whatever_is_an_error_of_ours(value: Any) -> None:
    for key in criteria.KEYS:
        for said in ({key: value}, {"exclude": {key: value}}):
            try:
                found = criteria.read(said)
            except BadField:
                continue
            assert criteria.read(dict(found.stored)) == found


def test_a_genre_is_spelled_as_json_may_spell_it() -> None:
    assert spellings("ROCK") == ['"rock"']
    assert {'"été"', '"\\u00e9t\\u00e9"', '"\\u00c9t\\u00e9"', '"Été"'} <= set(spellings("Été"))
    assert spellings('5" \\') == ['"5\\" \\\\"']
    assert like_pattern('"100%_\\"') == '%"100\\%\\_\\\\"%'
    assert glob_pattern('"a*[?]"') == '*"a[*][[][?]]"*'
