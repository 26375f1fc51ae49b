"""Naming templates: what they refuse, and that no value leads out of the library or beyond what a disk takes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.downloads import names
from fastapi_app.naming.aim import aim
from fastapi_app.naming.components import NAME_BYTES, key
from fastapi_app.naming.preferences import template
from fastapi_app.naming.template import DEFAULT, TemplateInvalid, parse
from fastapi_app.naming.tokens import NAMES, Facts, first, first_letter
from fastapi_app.videos.rules import PATH_LENGTH

JOGA = Facts("Björk", "Jóga", 1997, "1080p", ["Pop", "Art"], [{"name": "Michel Gondry"}], "abc", "7")
LONGEST_COMPANION = " (999).zh-Hant-TW.forced.srt"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (DEFAULT, "Björk/Jóga"),
        ("{artist_first_letter}/{artist}/{title}[ ({year})]", "B/Björk/Jóga (1997)"),
        ("{title}[ [[{quality}]]][ {director}, {genre}]", "Jóga [1080p] Michel Gondry, Pop"),
        ("{{{youtube_id}}} {imvdb_id}/{title}", "{abc} 7/Jóga"),
    ],
)
def test_words_are_filled_in(text: str, path: str) -> None:
    assert "/".join(parse(text).path(JOGA.values())) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{artist}/{title}[ ({year})][ {quality}]", "Björk/Jóga 1080p"),
        ("[{year}/]{artist}/{title}", "Björk/Jóga"),
        ("{year}/{title}", "Unknown/Jóga"),
        ("[{year}]/{title}", "Jóga"),
        ("{title}[ {year} {quality}]", "Jóga"),
    ],
)
def test_brackets_vanish_with_what_is_missing(text: str, path: str) -> None:
    assert "/".join(parse(text).path(replace(JOGA, year=None).values())) == path


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("{artist}/{titel}", 9, "do you mean {title}"),
        ("{artist}/{title}.{ext}", 17, "the suffix follows by itself"),
        ("{xyz}/{title}", 0, "there are artist"),
        ("", 0, "needs {title}"),
        ("{artist}", 8, "needs {title}"),
        ("[{title}]", 9, "needs {title}"),
        ("/{title}", 0, "begins below the library"),
        ("{artist}//{title}", 9, "needs a name"),
        ("{title}/", 8, "name of the film"),
        ("{title}/[{year}]", 9, "outside brackets"),
        ("../{title}", 0, "begin with a dot"),
        ("{artist}/.x{title}", 9, "begin with a dot"),
        ("{artist}./{title}", 8, "end with a dot"),
        ("{artist} /{title}", 8, "end with a dot or a space"),
        ("{artist}\\{title}", 8, "Use / between"),
        ("{title}: x", 7, "refuse this character"),
        ("{title}\x07", 7, "refuse this character"),
        ("{title", 0, "is not closed"),
        ("title}", 5, "closes nothing"),
        ("{title}[ {year}", 7, "is not closed"),
        ("{title}]", 7, "closes nothing"),
        ("{title}[x]", 7, "needs a word in braces"),
        ("{title}[ [{year}]]", 9, "can't stand in brackets"),
        ("a/b/c/d/e/f/g/{title}", 13, "at most 6 folders"),
        ("{title}" + "x" * 300, 300, "at most 300"),
    ],
)
def test_an_error_names_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(TemplateInvalid, match=words.replace("{", r"\{")) as caught:
        parse(text)
    assert caught.value.position == position


@given(st.text(max_size=400), st.text(max_size=700))
def test_the_default_names_films_as_downloads_always_did(artist: str, title: str) -> None:
    found = parse(DEFAULT).path(Facts(artist, title).values())
    assert found == (names.folder(artist), names.stem(title))


@given(
    st.text(alphabet=st.characters() | st.sampled_from("/\\.: \x00\ud800\u202e桜🪩é"), max_size=600),
    st.sampled_from([DEFAULT, "[{genre}/]{artist} - {title}[ ({year})]", "{director}{artist}/x {title} {title}"]),
)
def test_no_value_leads_out_or_beyond_what_a_disk_takes(value: str, text: str) -> None:
    facts = Facts(value, value, 1997, value, [value], [value], value, value)
    found = aim(parse(text), facts, "data/musicvideos", ".mp4")
    assert found is not None
    stored = found.stored(LONGEST_COMPANION)
    assert len(found.stored(".mp4", 999)) <= PATH_LENGTH
    for name in stored.removeprefix("data/musicvideos/").split("/"):
        assert 0 < len(name.encode()) <= NAME_BYTES
        assert name[0] not in ". "
        assert not set(name) & set('<>:"\\|?*\x00\n\u202e')
        assert name.split(".")[0].lower() not in {"con", "nul", "aux", "com1"}


def test_a_path_that_no_row_holds_is_none() -> None:
    assert aim(parse("{artist}/{title}"), JOGA, "data/" + "x" * 490, ".mp4") is None


@pytest.mark.parametrize("name", ["con", "NUL", "com1.x", "Lpt9 "])
def test_a_device_of_windows_is_no_name(name: str) -> None:
    assert parse("{title}").path(Facts("a", name).values())[0].endswith("_")


def test_paths_that_differ_by_case_or_normal_form_are_one() -> None:
    assert key("Bjo\u0308rk/JÓGA") == key("björk/jóga")


@pytest.mark.parametrize(
    ("artist", "letter"), [("the xx", "T"), ("Émilie", "E"), ("2Pac", "#"), ("", "#"), ("東京", "東"), ("!!!", "#")]
)
def test_the_first_letter(artist: str, letter: str) -> None:
    assert first_letter(artist) == letter


@pytest.mark.parametrize("stored", [["Pop"], "Pop, Rock", [{"name": "Pop"}], [None, "", "Pop"]])
def test_json_of_any_shape_has_a_first_name(stored: object) -> None:
    assert first(stored) == "Pop"
    assert first(7) == ""


def test_a_stored_template_that_is_wrong_is_the_default() -> None:
    assert [template(text).text for text in (None, "", "{x}", " {title} ")] == [DEFAULT, DEFAULT, DEFAULT, "{title}"]
    assert set(JOGA.values()) == set(NAMES)
