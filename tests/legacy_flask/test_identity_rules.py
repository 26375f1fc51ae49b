"""What both sides must agree on about names, passwords, limits and second factors, case by case."""

import json
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest

from legacy_flask import attempt_rules as limits
from legacy_flask import second_factor_rules as rules
from legacy_flask.attempt_rules import Count, Limit
from legacy_flask.names import is_same
from legacy_flask.password_rules import fault, generated
from legacy_flask.pending import LIFETIME, PendingLogin, proof_of, read, written
from tests.legacy_flask.test_vectors import VECTORS, vectors

FACTOR = json.loads((VECTORS / "second_factor.json").read_text("utf-8"))
ATTEMPTS = json.loads((VECTORS / "attempts.json").read_text("utf-8"))
AT = datetime(2026, 11, 21, 12)  # noqa: DTZ001 - moments are naive, and mean UTC


def count(given: list[Any] | None) -> Count | None:
    if given is None:
        return None
    failures, began, until = given
    return Count(failures, moment(began), moment(until) if until else None)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("case", vectors("names"), ids=lambda case: ascii(case["given"]))
def test_look_alikes_are_not_the_same_name(case: dict[str, Any]) -> None:
    assert is_same(case["given"], case["stored"]) is case["same"]


@pytest.mark.parametrize("case", vectors("password_rules"), ids=lambda case: ascii(case["password"])[:30])
def test_what_a_password_must_be(case: dict[str, Any]) -> None:
    assert fault(case["password"]) == case["fault"]


def test_half_a_surrogate_pair_is_no_password() -> None:
    assert fault("Aa1!aaaa\ud800") == "must be text without NUL characters and lone surrogates"


def test_a_generated_password_is_good_enough() -> None:
    assert {fault(generated()) for _ in range(50)} == {None}


@pytest.mark.parametrize("case", ATTEMPTS["cases"], ids=lambda case: str(case["name"]))
def test_one_more_failure(case: dict[str, Any]) -> None:
    told = ATTEMPTS["limit"]
    limit = Limit(told["failures"], timedelta(minutes=told["within"]), timedelta(minutes=told["blocked_for"]))
    assert limits.after_failure(count(case["count"]), limit, moment(case["at"])) == count(case["after"])


@pytest.mark.parametrize("case", ATTEMPTS["refusals"], ids=lambda case: str(case["after"][0]))
def test_a_flood_is_told_of_once_a_minute(case: dict[str, Any]) -> None:
    after, told = limits.after_refusal(count(case["count"]), moment(case["at"]))
    assert (after, told) == (count(case["after"]), case["told"])


@pytest.mark.parametrize(("ip", "counted"), ATTEMPTS["networks"])
def test_what_counts_as_one_address(ip: str, counted: str) -> None:
    assert limits.network(ip) == counted


def test_a_block_ends_by_itself_and_says_when() -> None:
    until = AT + timedelta(seconds=1.5)
    assert limits.blocked_until(Count(5, AT, until), AT) == until
    assert limits.seconds_until(until, AT) == 2
    assert limits.blocked_until(Count(5, AT, until), until) is None
    assert limits.blocked_until(Count(5, AT), AT) is None
    assert limits.blocked_until(None, AT) is None


def test_a_typed_name_is_not_kept() -> None:
    subject = limits.name_subject("My-Password-1!")
    assert "assword" not in subject
    assert subject == limits.name_subject("mY-pASSWORD-1!")
    assert len(subject) < 120


@pytest.mark.parametrize("case", FACTOR["steps"], ids=lambda case: str(case["name"]))
def test_codes_of_the_clock(case: dict[str, Any]) -> None:
    assert rules.matching_step(FACTOR["secret"], case["code"], moment(FACTOR["at"]), case["last"]) == case["step"]


@pytest.mark.parametrize("secret", FACTOR["bad_secrets"])
def test_a_secret_that_is_none_matches_nothing(secret: str) -> None:
    assert rules.matching_step(secret, "000000", AT, None) is None


@pytest.mark.parametrize("case", FACTOR["codes"], ids=lambda case: ascii(case["code"])[:20])
def test_backup_codes(case: dict[str, Any]) -> None:
    assert rules.matching_code(case["code"], FACTOR["stored"]) == case["place"]


@pytest.mark.parametrize("case", FACTOR["columns"], ids=str)
def test_stored_backup_codes(case: dict[str, Any]) -> None:
    assert rules.stored_codes(case["value"]) == case["codes"]


def test_new_codes_are_many_different_and_not_kept() -> None:
    plain, stored = rules.new_backup_codes()
    assert len({*plain}) == len({*stored}) == 8
    assert [rules.matching_code(code, stored) for code in plain] == list(range(8))
    kept = "".join(stored).upper()  # four letters of a code may be digits alone, and in a hash by chance
    assert not any(code in kept or code.replace("-", "") in kept for code in plain)
    secret = rules.new_secret()
    assert len(secret) == 32
    assert pyotp.parse_uri(rules.provisioning_uri(secret, "anna")).secret == secret
    assert rules.provisioning_uri(FACTOR["secret"], "anna") == FACTOR["uri"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"temp_user_id": "7"},
        {"temp_login_time": None},
        {"temp_login_proof": 5},
        {"temp_next": None},
    ],
    ids=str,
)
def test_a_pending_login_is_read_as_it_was_written(change: dict[str, Any]) -> None:
    pending = PendingLogin(7, proof_of("hash"), keeps_cookie=True, onward="/videos")
    content = {**written(pending, AT), **change}
    assert read(content.get, AT) == (None if change else pending)


def test_a_pending_login_lives_for_five_minutes() -> None:
    content = written(PendingLogin(7, proof_of("hash")), AT)
    assert read(content.get, AT + LIFETIME) is not None
    assert read(content.get, AT + LIFETIME + timedelta(seconds=1)) is None
    assert read(content.get, AT - timedelta(seconds=1)) is None
    assert read(lambda _key: None, AT) is None


def test_either_side_reads_what_the_other_wrote() -> None:
    assert written(PendingLogin(7, proof_of("hash"), keeps_cookie=True, onward="/videos"), AT) == {
        "temp_user_id": 7,
        "temp_login_time": 1795262400,
        "temp_login_proof": "470b13d233ecc29572ae9f373373adba",
        "temp_keeps_cookie": True,
        "temp_next": "/videos",
    }
