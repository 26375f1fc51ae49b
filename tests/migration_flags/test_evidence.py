"""Evidence in memory and in a file: the newest of each route and kind, and no more."""

import pytest

from migration_flags import Evidence
from migration_flags import evidence as module
from migration_flags.evidence import chosen, replaced


def test_the_oldest_of_the_same_kind_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    pieces = [Evidence("GET /a", "parity", "now", 100), Evidence("GET /b", "shadow", "now", 100)]
    for number in range(5):
        pieces = replaced(pieces, Evidence("GET /a", "shadow", "now", number))
    assert [piece.epoch for piece in pieces] == [100, 100, 2, 3, 4]
    assert [piece.epoch for piece in chosen(pieces, "GET /a", None, 2)] == [4, 3]


def test_a_source_takes_the_place_of_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    pieces: list[Evidence] = []
    for number in range(6):
        pieces = replaced(pieces, Evidence("GET /a", "shadow", "now", number, {}, "ab"[number % 2]))
    assert [(piece.epoch, piece.source) for piece in pieces] == [(4, "a"), (5, "b")]
