"""NFO files as text: whatever a title holds, it is valid XML, and the same facts are the same bytes."""

import xml.etree.ElementTree as ET
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.nfo import marks
from fastapi_app.nfo.document import Facts, clean, document
from fastapi_app.nfo.marks import Owner
from fastapi_app.nfo.preferences import preferences

JOGA = Facts(
    "Jóga <live> & more",
    ["Björk", "Sjón", "Björk"],
    album="Homogenic",
    plot="Line\nand line",
    directors=["Michel Gondry"],
    genres=["Pop", "Art"],
    tags=["island"],
    studio="One Little Independent",
    premiered=date(1997, 9, 15),
    seconds=309,
    thumb="https://example.org/a?b=1&c=2",
    youtube_id="abc",
    imvdb_id="7",
)


def test_every_fact_has_its_element() -> None:
    root = ET.fromstring(document(JOGA))
    told = [(element.tag, element.text, dict(element.attrib)) for element in root]
    assert root.tag == "musicvideo"
    assert told == [
        ("title", "Jóga <live> & more", {}),
        ("artist", "Björk", {}),
        ("artist", "Sjón", {}),
        ("album", "Homogenic", {}),
        ("plot", "Line\nand line", {}),
        ("director", "Michel Gondry", {}),
        ("genre", "Pop", {}),
        ("genre", "Art", {}),
        ("tag", "island", {}),
        ("studio", "One Little Independent", {}),
        ("premiered", "1997-09-15", {}),
        ("year", "1997", {}),
        ("runtime", "5", {}),
        ("thumb", "https://example.org/a?b=1&c=2", {"aspect": "poster"}),
        ("uniqueid", "7", {"type": "imvdb", "default": "true"}),
        ("uniqueid", "abc", {"type": "youtube", "default": "false"}),
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert [element.tag for element in ET.fromstring(document(Facts("One", ["Nova"])))] == ["title", "artist"]


@given(st.text(alphabet=st.characters() | st.sampled_from("<>&\"'\x00\x1b\ud800\ufffe\r]]>--"), max_size=60))
def test_any_text_is_valid_xml_and_keeps_its_mark(text: str) -> None:
    content = document(Facts(text, [text], plot=text, genres=[text], thumb=text))
    assert content == document(Facts(text, [text], plot=text, genres=[text], thumb=text))
    whole = marks.marked_nfo(content)
    title = ET.fromstring(whole).findtext("title")
    assert title == (clean(text).replace("\r\n", "\n").replace("\r", "\n") or ("Unknown" if not text else None))
    assert marks.owner_of_nfo(whole) is Owner.OURS


@pytest.mark.parametrize("change", [lambda it: it.replace(b"One", b"Two"), lambda it: it + b"\n", lambda it: it[:-40]])
def test_a_changed_file_is_no_longer_ours(change: object) -> None:
    assert callable(change)
    whole = marks.marked_nfo(document(Facts("One", ["Nova"])))
    assert marks.owner_of_nfo(change(whole)) is Owner.THEIRS
    assert marks.owner_of_nfo(b"<musicvideo/>") is Owner.THEIRS


def test_a_picture_keeps_its_mark_until_somebody_changes_it() -> None:
    content = b"\xff\xd8\xff\xe0rest of a picture\xff\xd9"
    whole = marks.marked_picture(content)
    assert marks.owner_of_picture(whole) is Owner.OURS
    assert marks.owner_of_picture(whole[:-2] + b"xx") is Owner.THEIRS
    assert marks.owner_of_picture(content) is Owner.THEIRS


def test_both_are_off_until_somebody_switches_them_on() -> None:
    assert not preferences({}).wants_any
    assert preferences({}).suffix == "-poster"
    assert preferences({"artwork_suffix": "none", "write_artwork": "True"}).suffix == ""
    assert preferences({"artwork_suffix": "../x"}).suffix == "-poster"
