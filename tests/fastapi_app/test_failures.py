"""An unexpected error is answered once, and shown to a server that asks for it."""

from typing import Any

import pytest

from fastapi_app.middleware.failures import EXCEPTIONS, Failures

pytestmark = pytest.mark.anyio


async def broken(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("secret detail")


async def asked(extensions: Any) -> tuple[list[Any], bool]:
    """What was sent, and whether the error came out."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/api/x", "headers": [], "query_string": b""}
    try:
        await Failures(broken)({**scope, "extensions": extensions}, receive, send)
    except RuntimeError:
        return sent, True
    return sent, False


@pytest.mark.parametrize(("extensions", "raised"), [(None, False), ({}, False), ({EXCEPTIONS: {}}, True)])
async def test_the_error_is_answered_and_raised_only_where_the_server_asks(extensions: Any, raised: bool) -> None:
    sent, came_out = await asked(extensions)
    assert came_out is raised
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 500
    assert b"secret" not in sent[1]["body"]
