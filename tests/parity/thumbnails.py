"""What is asked about pictures."""

from collections.abc import Iterator
from itertools import product

from tests.parity import pictures
from tests.parity.ask import Ask, get, raw, send
from tests.parity.library import NAMES
from tests.parity.values import CONDITIONS, RANGES, VALUES

_SIZES = ("small", "medium", "large", "original", "huge", "SMALL", "upload", "%20", "a%2Fb")
_NAMES = ("pic.jpg", "PIC.JPEG", "é 日本.png", "a.txt", "noext", ".jpg", "", "../../a.png", "x" * 300 + ".gif")


def reads() -> Iterator[Ask]:
    """Pictures, their sizes and facts. Nothing of this changes the library."""
    for number in range(len(NAMES) + 2):
        yield get(f"/api/artists/{number}/thumbnail")
        yield get(f"/api/artists/{number}/thumbnail/info")
        yield get(f"/api/artists/{number}/thumbnail/small")
    for number in (*range(1, 6), 999):
        yield get(f"/api/videos/{number}/thumbnail/info")
    for number, size in product((4, 5, 10, 999), _SIZES):
        yield get(f"/api/artists/{number}/thumbnail/{size}")
    for header in RANGES:
        yield get("/api/artists/5/thumbnail", range=header)
        yield get("/api/artists/1/thumbnail", range=header)
    for headers in CONDITIONS:
        yield get("/api/artists/5/thumbnail", **headers)
        yield get("/api/artists/5/thumbnail/medium", **headers)
    yield get("/api/artists/thumbnail-stats")


def writes() -> Iterator[Ask]:
    """Uploads, crops, removals; what was kept is looked at after each."""
    for name, content in {**pictures.readable(), **pictures.unreadable()}.items():
        yield upload("artists/6", "thumbnail", name, content)
        yield get("/api/artists/6/thumbnail/info")
    for name in _NAMES:
        yield upload("artists/6", "thumbnail", name, pictures.jpeg())
        yield upload("videos/41", "file", name, pictures.jpeg())
        yield get("/api/videos/41/thumbnail/info")
    yield from _odd_forms()
    yield from _crops()
    for target, field in product(("artists/8", "videos/41"), ("thumbnail_url", "remove_thumbnail", "action")):
        for value in VALUES:
            yield send("PUT", f"/api/{target}/thumbnail", {field: value})
            yield get(f"/api/{target}/thumbnail/info")
    for url in ("http://127.0.0.1:9/x.jpg", "ftp://x/y", "HTTP://x/y", "https://", "not a url", "http://" + "x" * 500):
        for target in ("artists/8", "videos/42"):
            yield send("PUT", f"/api/{target}/thumbnail", {"thumbnail_url": url})
            yield get(f"/api/{target}/thumbnail/info")
    for target in ("artists/6", "artists/999", f"artists/{'9' * 20}"):
        yield send("PUT", f"/api/{target}/thumbnail", {"remove_thumbnail": True, "thumbnail_url": "http://x/y"})
        yield get(f"/api/{target}/thumbnail/small")
    for target in ("videos/41", "videos/999", f"videos/{'9' * 20}"):
        yield send("PUT", f"/api/{target}/thumbnail", {"action": "remove"})
        yield get(f"/api/{target}/thumbnail")
    yield get("/api/artists/thumbnail-stats")


def upload(target: str, field: str, name: str, content: bytes) -> Ask:
    """A form with one file, as a browser writes it."""
    head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: x/y\r\n\r\n'
    sent = head.encode() + content + b"\r\n--b--\r\n"
    return raw("POST", f"/api/{target}/thumbnail/upload", sent, "multipart/form-data; boundary=b")


def _odd_forms() -> Iterator[Ask]:
    yield upload("artists/999", "thumbnail", "a.jpg", pictures.jpeg())
    yield upload("videos/999", "file", "a.jpg", pictures.jpeg())
    yield upload("artists/6", "other", "a.jpg", pictures.jpeg())
    yield upload("videos/41", "thumbnail", "a.jpg", pictures.jpeg())
    yield upload("artists/6", "thumbnail", "a.jpg", bytes(10 * 2**20 + 1))
    yield upload("videos/41", "file", "a.jpg", bytes(11 * 2**20))
    for target, kind in product(
        ("artists/6", "videos/41"),
        ("multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=", "text/plain", ""),
    ):
        for body in (b"", b"x", b"--b--\r\n", b"--b\r\n\r\n"):
            yield raw("POST", f"/api/{target}/thumbnail/upload", body, kind)


def _crops() -> Iterator[Ask]:
    yield upload("artists/6", "thumbnail", "pic.png", pictures.transparent())
    boxes: tuple[object, ...] = (
        *VALUES,
        [0, 0, 10],
        [0, 0, 5000, 5000],
        [10, 10, 5, 5],
        [-1, 0, 5, 5],
        ["a", 0, 1, 1],
        [0, 0, None, 1],
        [0, 0, True, 1],
        [0, 0, 10**30, 1],
        [0.4, 0.5, 99.6, 1e2],
        [10, 10, 90, 60],
        [0, 0, 81, 50],
        [0, 0, 80, 50],
    )
    for box in boxes:
        yield send("POST", "/api/artists/6/thumbnail/crop", {"crop_box": box})
    yield get("/api/artists/6/thumbnail/info")
    for number in (7, 10, 999):
        yield send("POST", f"/api/artists/{number}/thumbnail/crop", {"crop_box": [0, 0, 1, 1]})
