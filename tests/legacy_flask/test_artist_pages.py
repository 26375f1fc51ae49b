"""The pages about artists: thin, and harmless whatever the names are."""

import re

from tests.legacy_flask.library import Library, artist, video

HOSTILE = "</title><script>alert(1)</script>"


def test_artists_are_listed_by_name_and_page_by_page(library: Library) -> None:
    library.add(*(artist(number, f"Artist {number:02}") for number in range(1, 51)), video(1, artist_id=3))
    first, last = (library.client().get(f"/artists{query}").text for query in ("", "?page=99"))
    assert "<title>Artists - MVidarr</title>" in first
    assert "50 artists, page 1 of 2" in first
    assert re.search(r'href="/artist/3" dir="auto">Artist 03</a> 1 video<', first)
    assert re.findall(r'href="/artist/(\d+)"', last) == ["49", "50"]
    assert 'href="/artists?page=1"' in last


def test_nonsense_in_the_address_shows_the_list(library: Library) -> None:
    library.add(artist(1, "Björk"))
    for query in ("?page=x", "?page=-1", "?page=%D9%A1", "?q=%00", "?q=%FF"):
        assert library.client().get(f"/artists{query}").status_code == 200, query
    assert "Björk" in library.client().get("/artists?q=bjork").text
    assert "Nobody found" in library.client().get("/artists?q=zzz").text


def test_an_artist_has_a_page_with_the_videos_and_a_stranger_has_none(library: Library) -> None:
    library.add(artist(1, HOSTILE), video(1, title="<b>One</b>"))
    page = library.client().get("/artist/1")
    assert page.status_code == 200
    assert "<script>" not in page.text.replace("<script src", "")
    assert "&lt;b&gt;One&lt;/b&gt;" in page.text
    for stranger in ("2", "0", "9" * 30):
        answer = library.client().get(f"/artist/{stranger}")
        assert (answer.status_code, answer.mimetype) == (404, "text/html"), stranger
    assert library.client().get("/artist/x").status_code == 404
