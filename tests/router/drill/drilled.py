"""Routers for drills: with a secret, and with one that takes nothing back."""

from router import Router
from tests.router.toys import create_legacy, create_modern, create_store

SECRET = "a secret of the toys"


def create_router() -> Router:
    """Needs ``TOY_STORE``, the URL of a flag store."""
    return Router(create_legacy(), create_modern(), create_store(), secret=SECRET)


def create_lax_router() -> Router:
    """Takes nothing back."""
    return Router(create_legacy(), create_modern(), create_store(), secret=SECRET, rollback=None)


def create_stranger_router() -> Router:
    """Signs with another secret than the server's."""
    return Router(create_legacy(), create_modern(), create_store(), secret="another")
