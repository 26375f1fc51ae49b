"""Only what lies in the folder is served, and browsers accept what is."""

import hashlib
import os
import re
from pathlib import Path
from zlib import adler32

import pytest
from starlette.testclient import TestClient

from fastapi_app.pages.static_files import STATIC, find

VENDORED = STATIC / "vendor" / "VENDORED.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file and a link in it, and a file beside it."""
    inside = tmp_path / "static"
    (inside / "deep").mkdir(parents=True)
    (inside / "deep" / "a.css").write_text("a")
    (tmp_path / "secret_key").write_text("s")
    (tmp_path / "static-more").mkdir()
    (tmp_path / "static-more" / "b.css").write_text("b")
    (inside / "out.css").symlink_to(tmp_path / "secret_key")
    (inside / "loop.css").symlink_to(inside / "loop.css")
    (inside / "alias.css").symlink_to(inside / "deep" / "a.css")
    return inside


@pytest.mark.parametrize("name", ["deep/a.css", "deep/../deep/a.css", "alias.css"])
def test_what_is_inside_is_found(folder: Path, name: str) -> None:
    assert find(name, folder) == folder / "deep" / "a.css"


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "deep",
        "nothing.css",
        "../secret_key",
        "deep/../../secret_key",
        "../static-more/b.css",
        "/etc/passwd",
        "..\\secret_key",
        "out.css",
        "loop.css",
        "a\0.css",
        "x" * 5000,
        "\ud800.css",
    ],
)
def test_what_is_outside_or_no_file_is_nothing(folder: Path, name: str) -> None:
    assert find(name, folder) is None


def test_the_entity_tag_is_that_of_the_other_side(client: TestClient) -> None:
    path = STATIC / "mvidarr.css"
    facts = path.stat()
    answer = client.get("/static/mvidarr.css")
    assert answer.headers["etag"] == f'"{facts.st_mtime}-{facts.st_size}-{adler32(os.fsencode(path)) & 0xFFFFFFFF}"'
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-disposition"] == "inline; filename=mvidarr.css"
    assert answer.headers["last-modified"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mvidarr.css", "text/css; charset=utf-8"),
        ("library.js", "text/javascript; charset=utf-8"),
        ("logo.svg", "image/svg+xml; charset=utf-8"),
        ("blank.mp4", "video/mp4"),
    ],
)
def test_kinds_are_named_because_sniffing_is_forbidden(client: TestClient, name: str, kind: str) -> None:
    answer = client.get(f"/static/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content == (STATIC / name).read_bytes()


def test_a_browser_that_has_it_gets_304_and_a_part_is_a_part(client: TestClient) -> None:
    tag = client.get("/static/library.js").headers["etag"]
    kept = client.get("/static/library.js", headers={"If-None-Match": tag})
    assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", tag)
    part = client.get("/static/library.js", headers={"Range": "bytes=0-99"})
    assert (part.status_code, len(part.content)) == (206, 100)
    assert part.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/static/library.js", headers={"Range": "bytes=9999999-"}).status_code == 416
    head = client.head("/static/library.js")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/nope.js",
        "/static/",
        "/static/vendor",
        "/static/..%2fmarkup.py",
        "/static/%2e%2e/markup.py",
        "/static/%00",
    ],
)
def test_unknown_names_and_ways_out_are_404(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_vendored_files_are_those_that_were_vendored() -> None:
    told = dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", VENDORED.read_text(), re.MULTILINE))
    folder = VENDORED.parent
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {VENDORED.name}
    assert found == set(told)
    for name, digest in told.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_our_own_files_call_no_other_host() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        addresses = set(re.findall(r"https?://[^\s'\")]+", path.read_text()))
        assert addresses <= {"http://www.w3.org/2000/svg"}, path.name
