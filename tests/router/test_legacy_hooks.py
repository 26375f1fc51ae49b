"""What Flask ran around a view, and the modern side will not: no guard goes missing unseen when a route moves."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router.legacy_hooks import Hook, HookKind, hooks_by_route, legacy_hooks
from router.row import UNMATCHED_KEY
from tests.router.rig import Rig, running


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    return guarded


def demand_login() -> ResponseReturnValue:
    return "log in", 401


def count_visit(response: Any) -> Any:
    return response


def check_token() -> None: ...


def give_back(error: BaseException | None) -> None: ...


def explain(error: Exception) -> ResponseReturnValue:
    return "sorry", 500


def view() -> ResponseReturnValue:
    return "whole"


def legacy() -> Flask:
    app = Flask("legacy", static_folder=None)
    app.before_request(demand_login)
    app.teardown_appcontext(give_back)
    app.register_error_handler(KeyError, explain)
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.before_request(check_token)
    outer.after_request(count_visit)
    inner.add_url_rule("/inner", "view", login_required(view))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.add_url_rule("/plain", "plain", view)
    return app


def named(hooks: tuple[Hook, ...]) -> list[tuple[str, str, str]]:
    return [(hook.kind.value, hook.function.removeprefix(f"{__name__}."), hook.blueprint) for hook in hooks]


EVERYWHERE = [
    ("before_request", "demand_login", ""),
    ("teardown_appcontext", "give_back", ""),
    ("errorhandler", f"KeyError: {__name__}.explain", ""),
]


def test_a_route_carries_the_hooks_of_its_blueprints_and_its_decorators() -> None:
    assert named(legacy_hooks(legacy(), "outer.inner.view")) == [
        ("before_request", "demand_login", ""),
        ("before_request", "check_token", "outer.inner"),
        ("decorator", "login_required.<locals>.guarded", ""),
        ("after_request", "count_visit", "outer"),
        ("teardown_appcontext", "give_back", ""),
        ("errorhandler", f"KeyError: {__name__}.explain", ""),
    ]
    assert named(legacy_hooks(legacy(), "plain")) == EVERYWHERE


def test_every_row_with_a_legacy_handler_is_in_the_inventory(flags: MemoryStore) -> None:
    router = Rig(flags, legacy=legacy()).router
    found = hooks_by_route(router.legacy.app, router.table)
    assert set(found) == {"GET /inner", "GET /plain", UNMATCHED_KEY}
    assert named(found[UNMATCHED_KEY]) == EVERYWHERE
    assert Hook(HookKind.BEFORE, f"{__name__}.check_token", "outer.inner") in found["GET /inner"]


def test_an_application_without_hooks_has_an_empty_inventory() -> None:
    assert legacy_hooks(object(), "view") == ()


@pytest.mark.anyio
async def test_the_guard_of_one_side_guards_that_side_alone(flags: MemoryStore) -> None:
    """Why the inventory is needed: Flask's own hooks never see a request that the modern side answers."""
    app = legacy()
    app.add_url_rule("/api/videos", "videos", view)
    rig = Rig(flags, legacy=app)
    async with running(rig.router):
        assert (await rig.ask("GET", "/api/videos")).status == 401
        rig.set("GET /api/videos", Stage.MODERN)
        assert (await rig.ask("GET", "/api/videos")).status == 200
