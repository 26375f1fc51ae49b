"""Two servers that run are asked what changes nothing, with the cookies that they are given, and nobody else is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from router.comparison.mismatch import Kind
from router.parity.errors import AskedInVain, CorpusUnreadable
from router.parity.rehearsal import Rehearsal
from router.replay.minimal import ShrinkLimits
from router.replay.run import on_servers
from router.replay.servers import LARGEST, Server, Servers
from tests.router.replay.recordings import recording
from tests.router.replay.toys import create_router
from tests.router.serving import serving

seen: list[tuple[str, str | None]] = []


def server_app(*, backwards: bool) -> Starlette:
    async def books(request: Request) -> Response:
        seen.append((request.method, request.headers.get("cookie")))
        query = request.query_params
        names = ["b", "a"] if backwards and query.get("sort") == "title" else ["a", "b"]
        return JSONResponse({"books": names, "next": str(request.url_for("books"))})

    async def book(request: Request) -> Response:
        if request.path_params["number"] == "1":
            return RedirectResponse(str(request.url_for("books")))
        return Response(b"x" * (LARGEST + 1) + (b"1" if backwards else b"2"))

    return Starlette(routes=[Route("/books", books, methods=["GET", "POST"]), Route("/books/{number}", book)])


@contextmanager
def pair(**cookies: str) -> Iterator[Servers]:
    seen.clear()
    with (
        serving(server_app(backwards=False), lifespan="off") as legacy,
        serving(server_app(backwards=True), lifespan="off") as modern,
    ):
        control, candidate = (Server.at(f"http://127.0.0.1:{one.port}", cookies) for one in (legacy, modern))
        yield Servers(control, candidate, Rehearsal(create_router()))


def test_a_mismatch_is_found_and_shrunk() -> None:
    with pair() as servers:
        corpus = [recording(path="/books?page=2&sort=title&x=1"), recording(id="moved", path="/books/1")]
        found = on_servers(servers, corpus, [], ShrinkLimits())
    (one,) = found.minimal
    assert (one.found.route, one.found.field, one.found.kind) == ("GET /books", "$.books[*]", Kind.VALUE)
    assert one.case[0].path == "/books?sort=title"
    assert not found.is_alike


def test_an_address_that_each_server_says_of_itself_is_no_mismatch_and_nobody_follows_it() -> None:
    with pair() as servers:
        assert on_servers(servers, [recording(path="/books/1"), recording(id="two", path="/books")], []).is_alike
    assert len(seen) == 2


def test_what_writes_follows_or_comes_from_somebody_unknown_is_not_asked() -> None:
    corpus = [
        recording(path="/books"),
        recording(id="post", path="/books", method="POST"),
        recording(id="step", path="/books", sequence="a", step=1),
        recording(id="user", path="/books", auth="user"),
        recording(id="admin", path="/books", auth="admin", method="HEAD"),
        recording(id="body", path="/books", body={"raw": "x"}),
    ]
    with pair(admin="session=1") as servers:
        found = on_servers(servers, corpus, [])
    assert found.skipped == ("post", "step", "user", "body")
    assert seen == [("GET", None), ("HEAD", "session=1")] * 2
    assert found.is_alike


def test_answers_too_large_to_keep_are_compared_by_what_they_hash_to() -> None:
    with pair() as servers:
        found = on_servers(servers, [recording(path="/books/2")], [])
    assert [(one.field, one.kind) for route in found.parity.routes for one in route.mismatches] == [
        ("body", Kind.VALUE)
    ]


def test_a_server_that_is_not_there_is_named() -> None:
    with pair() as servers:
        pass
    with pytest.raises(AskedInVain, match=r"GET /books .*127\.0\.0\.1"):
        on_servers(servers, [recording(path="/books")], [])


def test_a_corpus_of_which_nothing_may_be_asked_is_refused() -> None:
    with pair() as servers, pytest.raises(CorpusUnreadable):
        on_servers(servers, [recording(path="/books", method="POST")], [])


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:5000",
        "ftp://host",
        "http://",
        "http://anna:pw@host",
        "http://host/path",
        "http://host?x",
        "http://h:x",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|port|Port") as refused:
        Server.at(url, {})
    assert "pw" not in str(refused.value)


def test_a_port_may_be_left_out() -> None:
    assert Server.at("https://host/", {}).base == "https://host"
