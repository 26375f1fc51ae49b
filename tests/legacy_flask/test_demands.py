"""Over MVidarr's whole route map modern asks as much of its visitors as legacy: as declared, and when it is asked."""

from pathlib import Path

import pytest

from fastapi_app.auth.access import Access
from legacy_flask.front_door import build
from legacy_flask.front_door.rehearsal import rehearse
from router.demands.demand import Standing
from router.demands.probing import probe_copies
from router.row import Owner
from tests.parity.library import make_library

NEEDS_IMVDB = {"POST /api/discovery/artist/{artist_id}", "POST /api/discovery/all"}


def test_every_route_of_two_owners_declares_the_same_on_both_sides(tmp_path: Path) -> None:
    router = build(make_library(tmp_path / "library").config)
    both = {row.key for row in router.table if row.owner is Owner.BOTH and not row.unmatched}
    assert router.demands.keys() == both
    assert {one.standing for one in router.demands.values()} == {Standing.EQUAL}
    levels = {one.modern.level for one in router.demands.values() if one.modern is not None}
    assert levels >= {Access.PUBLIC, Access.READ, Access.MODIFY, Access.MANAGE, Access.ADMINISTER}


@pytest.mark.long
def test_nobody_and_no_role_passes_on_modern_where_legacy_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path / "library", gate="true")
    for name, value in library.environment.items():
        monkeypatch.setenv(name, value)
    found = probe_copies(rehearse)
    assert [text for one in found for text in (*one.laxer, *one.stricter)] == []
    assert sum(one.asked for one in found) > 1000
    # Nobody answers for IMVDb there, so these fail on both sides once somebody passed.
    assert {one.key for one in found if one.undecided} <= NEEDS_IMVDB
