"""A history that was altered shows it, and hashes that were written once are worked out alike for ever."""

from dataclasses import replace
from typing import Any

import pytest

from migration_flags.audit import GENESIS, AuditRow, digest, first_broken_link, sealed


def row(sequence: int, previous: str, **fields: Any) -> AuditRow:
    told = {
        "at": "2026-03-01T12:00:00.000000+00:00",
        "actor": "ada",
        "reason": "größer",
        "key": "GET /a",
        "before_stage": None,
        "before_percent": None,
        "after_stage": "canary",
        "after_percent": 5.0,
        "epoch": 1,
        "gated": False,
    }
    return sealed(AuditRow(sequence=sequence, previous_hash=previous, **{**told, **fields}))


def chain() -> list[AuditRow]:
    rows = [row(1, GENESIS)]
    for sequence in (2, 3):
        rows.append(row(sequence, rows[-1].hash, version=2, after={"stage": "canary", "percent": 5.0}))
    return rows


def test_hashes_are_the_same_for_ever() -> None:
    first, second, _ = chain()
    assert first.hash == "53872aa6a1499f412a3b79fb0bb3f08515557f9a0cdafcfeb2751b4ed066d844"
    assert second.hash == "bb8ea01d3136a00bf0b61202e572c2b3bbf46a97dd36e7326920cb91f19a7552"


def test_the_first_version_hashes_what_it_knew_and_what_was_added_only_where_it_says_something() -> None:
    first = row(1, GENESIS)
    assert digest(replace(first, before=None, after={}, evidence={})) == first.hash
    assert digest(replace(first, after={"stage": "canary"})) != first.hash
    assert digest(replace(first, version=2)) != first.hash


def test_a_whole_chain_holds() -> None:
    assert first_broken_link(chain()) is None
    assert first_broken_link([]) is None


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("field", ["actor", "reason", "after_stage", "hash", "previous_hash"])
def test_a_row_that_was_altered_is_found(number: int, field: str) -> None:
    rows = chain()
    rows[number] = replace(rows[number], **{field: "another"})  # type: ignore[arg-type]  # texts
    assert first_broken_link(rows) == number + 1


def test_a_row_that_was_altered_and_sealed_again_is_found_by_the_next() -> None:
    rows = chain()
    rows[0] = sealed(replace(rows[0], actor="eve"))
    assert first_broken_link(rows) == 2


def test_a_row_that_was_taken_out_is_missed() -> None:
    first, _, third = chain()
    assert first_broken_link([first, third]) == 2
    assert first_broken_link([row(2, GENESIS)]) == 1
