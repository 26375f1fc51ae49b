"""What MVidarr's routes declare that they ask of their visitors, on both sides, on one scale."""

from typing import Any

from flask import Flask

from fastapi_app.route import UndeclaredAccess, access_of
from legacy_flask.access import declared
from router.demands.demand import Demand, Demands
from router.row import Row


def demands(app: Flask) -> Demands:
    """Legacy's from its views, modern's from its endpoints' dependencies.

    Of several templates in one row, legacy's strictest counts, and modern's laxest.
    """
    levels = declared(app)

    def legacy(row: Row) -> Demand | None:
        found = [levels[route.name] for route in row.legacy if route.name in levels]
        return _demand(max(found)) if found else None

    def modern(row: Row) -> Demand | None:
        found = [_demanded(route.handle) for route in row.modern]
        known = [one for one in found if one is not None]
        return min(known, key=lambda one: one.level) if known and len(known) == len(found) else None

    return Demands(legacy, modern)


def _demanded(handle: Any) -> Demand | None:
    if not hasattr(handle, "dependant"):
        return None
    try:
        return _demand(access_of(handle))
    except UndeclaredAccess:
        return None


def _demand(access: Any) -> Demand:
    return Demand(int(access), f"the access to {access.name.lower()}" if access else "nobody's login")
