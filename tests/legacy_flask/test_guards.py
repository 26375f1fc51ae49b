"""What the boot finds about the real pair, and that every route of the legacy side stands behind its one guard."""

from pathlib import Path

import pytest

from fastapi_app.config import Config
from legacy_flask import front_door
from router import Router
from router.legacy_hooks import Hook, HookKind, hooks_by_route
from tests.legacy_flask.library import KEY

GUARD = Hook(HookKind.BEFORE, "legacy_flask.gate.install.<locals>.guard")
GIVES_BACK = Hook(HookKind.TEARDOWN_CONTEXT, "legacy_flask.app._open_database.<locals>.give_back")


@pytest.fixture
def router(tmp_path: Path) -> Router:
    return front_door.build(Config(data_dir=tmp_path / "data", secret_key=KEY))


def test_the_pair_needs_no_acknowledgement(router: Router) -> None:
    assert router.findings == ()


def test_every_route_has_the_guard_and_gives_its_session_back(router: Router) -> None:
    found = hooks_by_route(router.legacy.app, router.table)
    assert set(found) == {row.key for row in router.table if row.legacy or row.unmatched}
    assert [key for key, hooks in found.items() if GUARD not in hooks or GIVES_BACK not in hooks] == []


def test_nothing_but_the_guard_runs_before_a_view(router: Router) -> None:
    """A second guard would need its like on the modern side, and this list is where that is noticed."""
    kinds = {HookKind.BEFORE, HookKind.VALUES, HookKind.DECORATOR}
    found = hooks_by_route(router.legacy.app, router.table).values()
    assert {hook for hooks in found for hook in hooks if hook.kind in kinds} == {GUARD}
