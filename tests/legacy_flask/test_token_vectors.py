"""What both sides must agree on about tokens and keys, case by case."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fastapi_app.models import UserRole
from legacy_flask.api_keys import digest, looks_like_one, lower
from legacy_flask.credential import Kind, presented, redacted, without_key
from legacy_flask.tokens import BadToken, Claims, Signer

VECTORS = Path(__file__).parents[1] / "vectors"
TOKENS = json.loads((VECTORS / "tokens.json").read_text("utf-8"))
KEYS = json.loads((VECTORS / "api_keys.json").read_text("utf-8"))
AT = datetime.fromisoformat(TOKENS["at"])
SIGNER = Signer(TOKENS["keys"])


@pytest.mark.parametrize("case", TOKENS["cases"], ids=lambda case: str(case["name"]))
def test_tokens(case: dict[str, Any]) -> None:
    at = AT + timedelta(seconds=case["after"])
    if case["claims"] is None:
        with pytest.raises(BadToken):
            SIGNER.read(case["token"], case["kind"], at)
    else:
        assert SIGNER.read(case["token"], case["kind"], at) == Claims(**case["claims"])


def test_the_newest_key_signs() -> None:
    written = TOKENS["written"]
    assert SIGNER.write(written["kind"], Claims(**written["claims"]), AT) == written["token"]


def role(name: str | None) -> UserRole | None:
    return UserRole[name] if name else None


@pytest.mark.parametrize("case", KEYS["keys"], ids=lambda case: ascii(case["key"]))
def test_keys(case: dict[str, Any]) -> None:
    assert (looks_like_one(case["key"]), digest(case["key"])) == (case["is_key"], case["hash"])


@pytest.mark.parametrize("case", KEYS["roles"], ids=str)
def test_the_lower_role_counts(case: dict[str, Any]) -> None:
    assert lower(role(case["key"]), role(case["user"])) is role(case["counts"])


@pytest.mark.parametrize("case", KEYS["presented"], ids=str)
def test_what_a_request_presents(case: dict[str, Any]) -> None:
    found = presented(case["authorization"], case["api_key"], case["query"].encode())
    assert (found and found.kind) == (case["kind"] and Kind(case["kind"]))
    assert (found and found.value) == case["value"]


@pytest.mark.parametrize("case", KEYS["led_on"], ids=str)
def test_what_of_a_query_leads_on(case: dict[str, Any]) -> None:
    assert without_key(case["query"]) == case["becomes"]


@pytest.mark.parametrize("case", KEYS["logged"], ids=str)
def test_what_a_log_may_tell(case: dict[str, Any]) -> None:
    assert redacted(case["line"]) == case["becomes"]
