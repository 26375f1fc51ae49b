"""Pages of other sites write nothing, log nobody in and open no socket; scripts, old forms and our pages do."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from fastapi_app.middleware.foreign_requests import ForeignRequests
from fastapi_app.middleware.origins import canonical, is_foreign, origin_allowed
from tests.fastapi_app.conftest import vectors
from tests.router.serving import serving

pytestmark = pytest.mark.anyio

US = "music.example.org"
EVIL = {"origin": "http://evil.example"}


async def toy(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers 200 to every request, and greets on every socket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "welcome"})
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"written"})


async def status(method: str, headers: Mapping[str, str], path: str = "/api/x", **more: Any) -> int:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    pairs = [(name.encode(), value.encode("latin-1")) for name, value in {"host": US, **headers}.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http", "headers": pairs}
    await ForeignRequests(toy, ["https://dash.example.org"])({**scope, **more}, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("case", vectors("foreign_requests"), ids=lambda case: str(case["name"]))
def test_foreign_requests(case: dict[str, Any]) -> None:
    allowed = case.get("allowed", ())
    found = is_foreign(case["fetch_site"], case["origin"], case["host"], allowed, scheme=case["scheme"])
    assert found is case["foreign"]
    if case["origin"] and not case["fetch_site"]:
        told = origin_allowed(case["origin"], case["host"], allowed, scheme=case["scheme"])
        assert told is not case["foreign"]


@pytest.mark.parametrize(
    ("origin", "written"),
    [
        ("HTTPS://Dash.Example.org:443", "https://dash.example.org"),
        ("http://[FD00::1]:80", "http://[fd00::1]"),
        ("http://h:8080", "http://h:8080"),
        ("null", ""),
        ("http://h/", ""),
        ("http://u@h", ""),
        ("ftp://h", ""),
    ],
)
def test_an_origin_is_compared_as_browsers_write_it(origin: str, written: str) -> None:
    assert canonical(origin) == written


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_every_write_is_guarded_with_and_without_a_cookie(method: str) -> None:
    for cookie in ({}, {"cookie": "mvidarr_session=x"}, {"cookie": "mvidarr_token=x"}, {"cookie": "mvidarr_refresh=x"}):
        assert await status(method, {**EVIL, **cookie}) == 403
        assert await status(method, {"sec-fetch-site": "same-site", **cookie}) == 403
        assert await status(method, cookie) == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_reading_is_the_browsers_own_business(method: str) -> None:
    assert await status(method, {**EVIL, "sec-fetch-site": "cross-site"}) == 200


async def test_a_credential_that_no_page_can_add_passes() -> None:
    assert await status("POST", {**EVIL, "authorization": "Bearer abc"}) == 200
    assert await status("POST", {**EVIL, "x-api-key": "mvk_abc"}) == 200


async def test_what_browsers_add_by_themselves_does_not() -> None:
    headers = {**EVIL, "authorization": "Basic YTpi", "cookie": "mvidarr_session=x"}
    assert await status("POST", headers) == 403


async def test_a_key_in_the_address_could_be_a_strangers() -> None:
    assert await status("POST", EVIL, "/auth/login", query_string=b"apikey=mvk_abc") == 403


async def test_behind_tls_the_scheme_counts() -> None:
    assert await status("POST", {"origin": f"https://{US}"}, scheme="https") == 200
    assert await status("POST", {"origin": f"http://{US}"}, scheme="https") == 403


async def test_a_prefix_changes_nothing() -> None:
    assert await status("POST", {"origin": f"http://{US}"}, "/mv/auth/login", root_path="/mv") == 200
    assert await status("POST", EVIL, "/mv/auth/login", root_path="/mv") == 403


@pytest.fixture
def place() -> Iterator[str]:
    """The toy behind the guard, on real sockets."""
    guarded = ForeignRequests(toy, ["https://dash.example.org"])
    with serving(guarded, lifespan="off", ws="websockets-sansio") as server:
        yield f"127.0.0.1:{server.port}"


async def test_a_page_of_another_site_opens_no_socket(place: str) -> None:
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", f"http://{place}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://{place}/ws", origin=Origin(origin))
        assert refused.value.response.status_code == 403


async def test_our_pages_named_origins_and_scripts_open_sockets(place: str) -> None:
    for origin in (Origin(f"http://{place}"), Origin("https://dash.example.org"), None):
        async with connect(f"ws://{place}/ws", origin=origin) as socket:
            assert await socket.recv() == "welcome"
