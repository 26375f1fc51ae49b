"""What is asked of httpbin: every endpoint, every method, and the shapes of request that bridges get wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import md5
from urllib.parse import unquote

Body = bytes | Sequence[bytes]


@dataclass(frozen=True)
class Question:
    """One request. A body in parts is sent chunked. ``vague`` are patterns of what can't be equal in the answers."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = b""
    vague: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """As the application sees it."""
        return unquote(self.target.partition("?")[0])

    def __str__(self) -> str:
        told = " ".join(f"{name}={value[:40]}" for name, value in self.headers.items())
        sent = f"{len(self.body)} bytes" if isinstance(self.body, bytes) else f"{len(self.body)} chunks"
        return " ".join(filter(None, (self.method, self.target, told, sent if self.body else "")))


UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HEXADECIMAL = r"\b[0-9a-f]{32,128}\b"
TIME = r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"
PACKED_AT = r"(?s)(?<=^\x1f\x8b\x08\x00).{4}"
"""The second in a gzip header (RFC 1952, 2.3.1)."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
PARTS = {"Content-Type": "multipart/form-data; boundary=edge"}
# A small chunked body has a length by the time the application sees it, and the bridge tells it; gunicorn can't.
TOLD_LENGTH = r' *"Content-Length": "\d+", *\n'
BASIC = {"Authorization": "Basic YWRhOnB3"}  # ada:pw
EVERY_METHOD = ("POST", "PUT", "DELETE", "PATCH", "TRACE")


def every_question() -> Iterator[Question]:
    """All of them. Every path that is read with GET is asked with HEAD, OPTIONS and a wrong verb too."""
    seen: set[str] = set()
    for question in (*_read(), *_written(), *_identified(), *_odd()):
        yield question
        if question.method == "GET" and question.path not in seen:
            seen.add(question.path)
            yield replace(question, method="HEAD")
            yield replace(question, method="OPTIONS")
            yield replace(question, method="PROPFIND")


def _read() -> Iterator[Question]:
    # What is seeded is short: the generator is the whole process's, and others may draw from it meanwhile.
    plain = (
        "/", "/html", "/robots.txt", "/deny", "/ip", "/headers", "/user-agent", "/get", "/anything", "/anything/a/b",
        "/deflate", "/brotli", "/forms/post", "/encoding/utf8", "/xml", "/json", "/image/png", "/image/jpeg",
        "/image/webp", "/image/svg", "/static/favicon.ico", "/links/5", "/links/5/2", "/base64/SFRUUEJJTg==",
        "/base64/%FF", "/get?a=1&a=2&b=%C3%A9&c", "/anything/%C3%A9?q=%ff", "/anything//double//slash",
        "/stream/0", "/stream/1", "/stream/3", "/stream/100", "/bytes/0", "/bytes/16?seed=1",
        "/stream-bytes/16?seed=1&chunk_size=7", "/drip?duration=0.2&numbytes=5",
        "/drip?duration=0&numbytes=2000&code=206", "/drip?numbytes=0", "/range/1024", "/range/0", "/cache/60",
        "/range/102400?chunk_size=1000", "/etag/tag", "/delay/0.1", "/response-headers?a=1&a=2&Content-Type=text%2Fx",
        "/response-headers?Set-Cookie=a%3D1&Set-Cookie=b%3D2", "/cookies", "/cookies/set?a=1&b=2", "/cookies/set/a/1",
        "/cookies/delete?a=&b=", "/redirect/1", "/redirect/3", "/redirect/3?absolute=true", "/relative-redirect/3",
        "/relative-redirect/1", "/absolute-redirect/3", "/absolute-redirect/1", "/redirect-to?url=%2Fget",
        "/redirect-to?url=http%3A%2F%2Fexample.org%2F&status_code=307", "/status/200", "/nowhere", "/redirect/abc",
        "/get/", "/range/10/", "/static/../core.py", "/static/missing.ico",
    )  # fmt: skip
    for target in plain:
        yield Question("GET", target)
    yield Question("GET", "/gzip", vague=(PACKED_AT,))
    yield Question("GET", "/uuid", vague=(UUID,))
    yield Question("GET", "/cache", vague=(TIME, HEXADECIMAL))
    for code in (204, 301, 304, 400, 401, 402, 404, 406, 407, 418, 500, 503, 599):
        yield Question("GET", f"/status/{code}")
    yield Question("GET", "/status/abc")
    for accept in ("image/webp", "image/svg+xml", "image/jpeg", "image/*", "text/plain"):
        yield Question("GET", "/image", {"Accept": accept})
    for asked in ("bytes=0-9", "bytes=1000-", "bytes=-10", "bytes=2000-3000", "bytes=9-0", "lines=1-2"):
        yield Question("GET", "/range/1024", {"Range": asked})
        yield Question("GET", "/static/favicon.ico", {"Range": asked})


def _written() -> Iterator[Question]:
    upload = (
        b'--edge\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n'
        + b"line\n" * 40_000
        + b"\r\n--edge--\r\n"
    )
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        target = f"/{method.lower()}"
        yield Question("OPTIONS", target)
        yield Question(method, target)
        yield Question(method, target, JSON, b'{"a": [1, 2, {"b": null}]}')
        yield Question(method, target, JSON, b'{"a": ')
        yield Question(method, target, FORM, b"a=1&a=2&b=%C3%A9")
        yield Question(method, target, {"Content-Type": "application/octet-stream"}, bytes(range(256)))
        yield Question(method, target, PARTS, upload)
        yield Question(method, target, PARTS, [upload[start : start + 9_000] for start in range(0, len(upload), 9_000)])
        yield Question(method, target, {"Content-Type": "text/plain"}, [b"chunk ", b"by ", b"chunk"], (TOLD_LENGTH,))
        yield Question(method, target, {**JSON, "Expect": "100-continue"}, b'{"a": 1}')
    for method in EVERY_METHOD:
        for target in ("/anything", "/anything/x", "/status/202", "/delay/0", "/redirect-to?url=%2Fget"):
            yield Question(method, target, JSON, b"" if method == "TRACE" else b'{"a": 1}')
    yield Question("POST", "/response-headers?a=1")
    yield Question("POST", "/get")
    yield Question("GET", "/post")


def _identified() -> Iterator[Question]:
    yield Question("GET", "/basic-auth/ada/pw")
    yield Question("GET", "/basic-auth/ada/pw", BASIC)
    yield Question("GET", "/hidden-basic-auth/ada/pw")
    yield Question("GET", "/hidden-basic-auth/ada/pw", BASIC)
    yield Question("GET", "/bearer")
    yield Question("GET", "/bearer", {"Authorization": "Bearer token"})
    for path in ("/digest-auth/auth/ada/pw", "/digest-auth/auth/ada/pw/MD5", "/digest-auth/auth/ada/pw/SHA-256/3"):
        yield Question("GET", path, vague=(HEXADECIMAL,))
    path = "/digest-auth/auth/ada/pw/MD5/3"
    for answer in (_digest(path, "pw"), _digest(path, "wrong"), {**_digest(path, "pw"), "Cookie": "stale_after=3"}):
        yield Question("GET", path, answer, vague=(HEXADECIMAL,))
    yield Question("GET", "/cookies", {"Cookie": 'a=1; b="two words"; c=%C3%A9'})
    yield Question("GET", "/cache", {"If-None-Match": '"x"'})
    yield Question("GET", "/etag/tag", {"If-None-Match": '"tag"'})
    yield Question("GET", "/etag/tag", {"If-Match": '"other"'})


def _odd() -> Iterator[Question]:
    yield Question("GET", "/get", {"Origin": "http://example.org"})
    yield Question("OPTIONS", "/get", {"Origin": "http://example.org", "Access-Control-Request-Headers": "X-A, X-B"})
    yield Question("GET", "/get", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    yield Question("GET", "/cookies/set?a=1", {"X-Forwarded-Proto": "https"})
    yield Question("GET", "/headers", {"X_Underscore": "dropped", "X-Latin": "caf\xe9", "X-Empty": ""})
    yield Question("GET", "/headers", {"X-Long": "x" * 4_000})
    yield Question("GET", "/user-agent", {"User-Agent": "a/1 (b; c)", "Origin": "http://example.org"})
    yield Question("GET", "/user-agent", {"User-Agent": 'quote " and \\ slash'})
    yield Question("POST", "/user-agent", FORM, b"a=1")
    yield Question("GET", "/user-agent/")
    yield Question("GET", "//user-agent")


def _digest(path: str, password: str) -> dict[str, str]:
    """An answer to a challenge that was never given: httpbin keeps no nonces."""
    nonce, count, client = "0" * 32, "00000001", "1" * 16
    known = _hash(f"ada:me@kennethreitz.com:{password}")
    response = _hash(f"{known}:{nonce}:{count}:{client}:auth:{_hash(f'GET:{path}')}")
    return {
        "Authorization": f'Digest username="ada", realm="me@kennethreitz.com", nonce="{nonce}", uri="{path}", '
        f'qop=auth, nc={count}, cnonce="{client}", response="{response}", algorithm=MD5, opaque="{nonce}"'
    }


def _hash(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
