"""The response class that gives Flask's bytes, held against Flask itself."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from subprocess import run
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from router.json_response import FLASK, FlaskJSONResponse, Style, encode
from tests.router.asking import ask

flask_app = Flask("toy", static_folder=None)


@dataclass
class Point:
    x: Any
    y: int


def flask_bytes(value: Any, **settings: Any) -> bytes:
    for name, setting in {"sort_keys": True, "ensure_ascii": True, "compact": None, **settings}.items():
        setattr(flask_app.json, name, setting)
    return bytes(flask_app.json.response(value).get_data())  # type: ignore[attr-defined]  # the default provider has it


zones = st.one_of(st.none(), st.just(UTC), st.integers(-840, 840).map(lambda m: timezone(timedelta(minutes=m))))
years = (datetime.fromisoformat("0002-01-01"), datetime.fromisoformat("9998-12-31"))  # a zone may not lead beyond
naive = st.datetimes(*years)
moments = st.builds(lambda moment, zone: moment.replace(tzinfo=zone), naive, zones)
leaves = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), moments, st.uuids()),
    *(st.decimals(), st.text().map(Markup)),
)
keys = st.text(max_size=5)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(keys, inner, max_size=4),
        st.dictionaries(st.integers(), inner, max_size=3),
        st.builds(Point, inner, st.integers()),
    ),
    max_leaves=12,
)


@given(values)
def test_the_bytes_are_flasks(value: Any) -> None:
    assert FlaskJSONResponse(value).body == flask_bytes(value)


@given(values)
def test_the_bytes_are_flasks_in_debug_mode_and_with_its_settings(value: Any) -> None:
    assert encode(value, Style(compact=False)) == flask_bytes(value, compact=False)
    assert encode(value, Style(sort_keys=False)) == flask_bytes(value, sort_keys=False)
    if "\\ud" not in encode(value).decode():  # a lone surrogate is no UTF-8, for either
        assert encode(value, Style(ascii=False)) == flask_bytes(value, ensure_ascii=False)


@pytest.mark.parametrize("value", [object(), {1: 1, "a": 2}, {(1, 2): 3}, {1, 2}, b"bytes", [Point]])
def test_what_flask_refuses_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        flask_bytes(value)
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    ("off", "value", "body"),
    [
        ("sort_keys", {"b": 1, "a": 2}, '{"b":1,"a":2}\n'),
        ("ascii", "é", '"é"\n'),
        ("compact", [1], "[\n  1\n]\n"),
        ("newline", 1, "1"),
        (
            "http_dates",
            [date(2024, 1, 31), datetime.fromisoformat("2024-01-31T05:00:00")],
            '["2024-01-31","2024-01-31T05:00:00"]\n',
        ),
        ("decimals_as_text", Decimal("1.5"), "1.5\n"),
    ],
)
def test_each_habit_can_be_turned_off_alone(off: str, value: Any, body: str) -> None:
    assert encode(value, replace(FLASK, **{off: False})).decode() == body
    assert encode(value) != encode(value, replace(FLASK, **{off: False}))


@pytest.mark.parametrize(("off", "value"), [("uuids_as_text", UUID(int=1)), ("dataclasses_as_objects", Point(1, 2))])
def test_what_is_turned_off_may_be_refused(off: str, value: Any) -> None:
    with pytest.raises(TypeError):
        encode(value, replace(FLASK, **{off: False}))


def test_not_a_number_is_written_as_flask_writes_it() -> None:
    assert encode([float("nan"), float("-inf")]) == flask_bytes([float("nan"), float("-inf")]) == b"[NaN,-Infinity]\n"


@pytest.mark.anyio
async def test_an_endpoint_returns_it() -> None:
    app = FastAPI(openapi_url=None)

    class Unsorted(FlaskJSONResponse):
        style = Style(sort_keys=False)

    @app.get("/a")
    async def sorted_keys() -> FlaskJSONResponse:
        return FlaskJSONResponse({"b": date(2024, 1, 31), "a": "é"}, 201)

    @app.get("/b")
    async def as_they_come() -> FlaskJSONResponse:
        return Unsorted({"b": 1, "a": 2})

    answer = await ask(app, "GET", "/a")
    assert answer.body == b'{"a":"\\u00e9","b":"Wed, 31 Jan 2024 00:00:00 GMT"}\n'
    assert (answer.status, answer.headers["content-type"]) == (201, "application/json")
    assert (await ask(app, "GET", "/b")).body == b'{"b":1,"a":2}\n'


def test_the_router_does_not_import_starlette() -> None:
    code = "import router, router.cli, sys; assert 'starlette' not in sys.modules, 'imported'"
    run([sys.executable, "-c", code], check=True)
