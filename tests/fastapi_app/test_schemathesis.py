"""No request, however odd, is an error of the server, and every answer is one that the description allows."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.models import PlaylistMonitor, Setting, UserRole
from fastapi_app.openapi import TAGS
from tests.fastapi_app.library import PASSWORD, artist, user, video

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = list(GenerationMode)
GROUPS = [tag["name"] for tag in TAGS]
SETTINGS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
NOBODY_LISTENS = "http://127.0.0.1:9"
KNOWN = {"artist_id": 1, "video_id": 1, "monitor_id": 1, "key": "note", "genre": "Rock", "size": "small"}
"""Path parameters that lead somewhere."""
MOMENT = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - columns are naive, and mean UTC
EXAMPLES, MANY = 1, 400
"""Requests of one operation that fit its description, and as many that do not."""


@pytest.fixture
def visitor(config: Config, rows: Callable[..., None]) -> Iterator[Any]:
    """A session of an administrator with the application in process, watched for calls that block the loop."""
    rows(
        Setting(id=1, key="require_authentication", value="true"),
        Setting(id=2, key="note", value="kept"),
        user(1, "root", UserRole.ADMIN),
        artist(1, "Nova Kestrel", genres=["Rock"], keywords=["live"]),
        artist(2, "Björk Ågren", imvdb_id="70003"),
        *(video(number, f"Glass Harbor {number}", 1 + number % 2, genres=["Rock"]) for number in range(1, 6)),
        PlaylistMonitor(id=1, playlist_id="PL1", playlist_url="u", name="p", created_at=MOMENT, updated_at=MOMENT),
    )
    nobody = {"imvdb_url": NOBODY_LISTENS, "imvdb_interval": 0, "youtube_url": NOBODY_LISTENS}
    app: Any = create_app(config.model_copy(update=nobody))
    with asgi.get_client(app) as session:
        session.get("/healthz")  # starts the lifespan, which may block
        try:
            with blockbuster_ctx("fastapi_app"):
                yield session
        finally:
            # What it keeps until the process ends: the lifespan and the thread of its loop.
            asgi._shutdown()


@pytest.mark.parametrize("tag", GROUPS)
@pytest.mark.parametrize("mode", [MODES[0], pytest.param(MODES[1], marks=pytest.mark.long)], ids=str)
def test_every_answer_is_one_that_the_description_allows(tag: str, mode: GenerationMode, visitor: Any) -> None:
    search(tag, mode, visitor, settings(max_examples=EXAMPLES, derandomize=True, **SETTINGS))


@pytest.mark.long
@pytest.mark.parametrize("tag", GROUPS)
@pytest.mark.parametrize("mode", MODES)
def test_many_answers_are_such_as_the_description_allows(tag: str, mode: GenerationMode, visitor: Any) -> None:
    search(tag, mode, visitor, settings(max_examples=MANY, **SETTINGS))


def test_every_operation_is_in_a_group_that_is_asked(config: Config) -> None:
    document = create_app(config).openapi()
    found = {operation["tags"][0] for methods in document["paths"].values() for operation in methods.values()}
    assert found == set(GROUPS)


def test_an_answer_that_the_description_does_not_allow_is_found(visitor: Any) -> None:
    document = visitor.app.openapi()
    del document["paths"]["/api/genres/videos/{video_id}"]["get"]["responses"]["200"]
    operation = described(visitor)["/api/genres/videos/{video_id}"]["GET"]
    case = operation.Case(path_parameters={"video_id": 1})
    with pytest.raises(FailureGroup):
        ask(case, visitor)


def search(tag: str, mode: GenerationMode, visitor: Any, bounds: settings) -> None:
    asked = 0
    for found in described(visitor).include(tag=tag).get_all_operations():
        operation = found.ok()

        @bounds
        @given(cases(operation, mode))
        def allowed(case: schemathesis.Case[Any]) -> None:
            nonlocal asked
            asked += 1
            ask(case, visitor)

        with suppress(Unsatisfiable):  # There is no wrong way to ask what takes nothing.
            allowed()
    assert asked > 0 or mode is GenerationMode.NEGATIVE


def described(visitor: Any) -> Any:
    schema = schemathesis.openapi.from_dict(visitor.app.openapi())
    schema.app = visitor.app
    schema.config.generation.update(with_security_parameters=False)  # or every request would bring a made-up token
    return schema


def cases(operation: Any, mode: GenerationMode) -> st.SearchStrategy[schemathesis.Case[Any]]:
    known = {one.name: KNOWN[one.name] for one in operation.path_parameters if one.name in KNOWN}
    anything: st.SearchStrategy[schemathesis.Case[Any]] = operation.as_strategy(generation_mode=mode)
    if not known:
        return anything
    leading: st.SearchStrategy[schemathesis.Case[Any]] = operation.as_strategy(
        generation_mode=mode, path_parameters=known
    )
    return anything | leading


def ask(case: schemathesis.Case[Any], visitor: Any) -> None:
    """As the administrator, who logs in again where a request ended the session."""
    visitor.cookies.clear()
    visitor.cookies.update(login(visitor))
    case.call_and_validate(session=visitor, checks=CHECKS)


def login(visitor: Any) -> dict[str, str]:
    kept: dict[str, str] = getattr(visitor, "kept", {})
    if not visitor.get("/auth/check", cookies=kept).json()["authenticated"]:
        answer = visitor.post("/auth/login", json={"username": "root", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        visitor.kept = kept = answer.cookies.get_dict()
    return kept
