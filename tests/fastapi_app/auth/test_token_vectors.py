"""What both sides must agree on about tokens and keys, case by case."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from fastapi_app.auth.credential import Kind, presented, redacted, without_key
from fastapi_app.auth.keys.rules import hashed, is_key, lower
from fastapi_app.auth.tokens import Claims, TokenKind, TokenRefused, TokenSigner
from fastapi_app.models import UserRole
from tests.fastapi_app.conftest import VECTORS, vectors

TOKENS = json.loads((VECTORS / "tokens.json").read_text("utf-8"))
AT = datetime.fromisoformat(TOKENS["at"])
SIGNER = TokenSigner(TOKENS["keys"])


@pytest.mark.parametrize("case", TOKENS["cases"], ids=lambda case: str(case["name"]))
def test_tokens(case: dict[str, Any]) -> None:
    kind, at = TokenKind(case["kind"]), AT + timedelta(seconds=case["after"])
    if case["claims"] is None:
        with pytest.raises(TokenRefused):
            SIGNER.read(case["token"], kind, at)
    else:
        assert SIGNER.read(case["token"], kind, at) == Claims(**case["claims"])


def test_the_newest_key_signs() -> None:
    written = TOKENS["written"]
    assert SIGNER.write(TokenKind(written["kind"]), Claims(**written["claims"]), AT) == written["token"]


def test_a_token_ends_with_its_key() -> None:
    old = next(case["token"] for case in TOKENS["cases"] if case["name"] == "signed with an older key")
    with pytest.raises(TokenRefused):
        TokenSigner(TOKENS["keys"][1:]).read(old, TokenKind.ACCESS, AT)


def role(name: str | None) -> UserRole | None:
    return UserRole[name] if name else None


@pytest.mark.parametrize("case", vectors("api_keys", "keys"), ids=lambda case: ascii(case["key"]))
def test_keys(case: dict[str, Any]) -> None:
    assert (is_key(case["key"]), hashed(case["key"])) == (case["is_key"], case["hash"])


@pytest.mark.parametrize("case", vectors("api_keys", "roles"), ids=str)
def test_the_lower_role_counts(case: dict[str, Any]) -> None:
    assert lower(role(case["key"]), role(case["user"])) is role(case["counts"])


@pytest.mark.parametrize("case", vectors("api_keys", "presented"), ids=str)
def test_what_a_request_presents(case: dict[str, Any]) -> None:
    found = presented(case["authorization"], case["api_key"], case["query"].encode())
    assert (found and found.kind) == (case["kind"] and Kind(case["kind"]))
    assert (found and found.value) == case["value"]


@pytest.mark.parametrize("case", vectors("api_keys", "led_on"), ids=str)
def test_what_of_a_query_leads_on(case: dict[str, Any]) -> None:
    assert without_key(case["query"].encode()) == case["becomes"].encode()


@pytest.mark.parametrize("case", vectors("api_keys", "logged"), ids=str)
def test_what_a_log_may_tell(case: dict[str, Any]) -> None:
    assert redacted(case["line"]) == case["becomes"]
