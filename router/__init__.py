"""Carries each request to one of two applications, route by route. Knows no application.

from router import Router

app = Router(legacy=flask_app, modern=fastapi_app, flags=store)  # uvicorn module:app
"""

from router.app import Router
from router.decision import Decision, decide
from router.derive import Route
from router.errors import RouteConflict, RouterError
from router.fallback import FallbackRules
from router.mirror.limits import MirrorLimits
from router.observation import Observation
from router.rollback.rules import RollbackRules
from router.row import Owner, Relation, Row, Side
from router.table import RouteTable
from router.wsgi import WSGIBackend

__all__ = [
    "Decision",
    "FallbackRules",
    "MirrorLimits",
    "Observation",
    "Owner",
    "Relation",
    "RollbackRules",
    "Route",
    "RouteConflict",
    "RouteTable",
    "Router",
    "RouterError",
    "Row",
    "Side",
    "WSGIBackend",
    "decide",
]
