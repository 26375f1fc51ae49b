"""The page about one video: thin, and harmless whatever the names are."""

from tests.legacy_flask.library import Library, artist, video

HOSTILE = "</title><script>alert(1)</script>"


def test_a_video_has_a_page_with_others_of_the_artist_and_a_stranger_has_none(library: Library) -> None:
    library.add(artist(1, "Björk"), video(1, title=HOSTILE, local_path="data/a.mp4"), video(2, title="<b>Two</b>"))
    page = library.client().get("/video/1")
    assert page.status_code == 200
    assert "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt; - MVidarr</title>" in page.text
    assert 'href="/api/videos/1/stream"' in page.text
    assert "&lt;b&gt;Two&lt;/b&gt;" in page.text
    assert "Not downloaded yet" in library.client().get("/video/2").text
    for stranger in ("3", "0", "9" * 30, "x"):
        answer = library.client().get(f"/video/{stranger}")
        assert (answer.status_code, answer.mimetype) == (404, "text/html"), stranger
