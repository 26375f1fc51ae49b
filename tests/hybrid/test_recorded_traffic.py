"""Requests that MVidarr was once asked, recorded at the hybrid's own door, and replayed on copies of a library."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from legacy_flask.front_door.rehearsal import rehearse
from router import Router, Side
from router.comparison.waiver import read_waivers
from router.parity.play import play
from router.parity.recording import read_corpus
from router.recording.recorder import Recorder
from router.recording.rules import RecordingRules
from router.replay.run import on_copies
from tests.golden.line import GOLDEN
from tests.parity.library import make_library

GROUPS = ("artists-list", "videos-list", "genres", "artists-write")
WAIVERS = Path(__file__).parents[1] / "parity" / "waivers.yaml"


@pytest.mark.shared
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared, the recorded answers of MVidarr 0.9")
def test_what_is_recorded_at_the_hybrids_door_finds_both_sides_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in make_library(tmp_path / "library").environment.items():
        monkeypatch.setenv(name, value)
    # Rows that are equal in what sorts them come in any order; of that a recorded line knows nothing.
    golden = [one for one in read_corpus([GOLDEN / f"{group}.jsonl" for group in GROUPS]) if one.rules.tied is None]
    file = tmp_path / "corpus.jsonl"
    with rehearse(Side.LEGACY) as copy:
        writes = frozenset(row.key for row in copy.router.table if row.method in {"POST", "PUT", "DELETE"})
        recorder = Recorder(file, RecordingRules(rate=10_000, alike=2, writes=writes))
        door = recorder.around(copy.router.table, copy.router)
        asyncio.run(play(replace(copy, router=cast("Router", door)), golden))
    corpus = read_corpus([file])
    assert 50 < len(corpus) < len(golden)
    assert {one.method for one in corpus} >= {"GET", "HEAD", "POST", "PUT"}
    found = on_copies(rehearse, corpus, read_waivers(WAIVERS))
    assert [str(one) for route in found.parity.routes for one in route.mismatches] == []
