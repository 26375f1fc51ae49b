"""The application that `MVIDARR_APP` names, as `module:attribute`."""

import importlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.importer import ImportFromStringError, import_from_string

from fastapi_app.config import Config
from fastapi_app.operations.refusal import ApplicationUnknown

Application = Callable[[MutableMapping[str, Any], Callable[..., Awaitable[Any]], Callable[..., Awaitable[None]]], Any]


def load(import_string: str) -> Application:
    """Imports and gives the application. Raises ApplicationUnknown."""
    try:
        application = import_from_string(import_string)
    except ImportFromStringError as error:
        reason = str(error).rstrip(".")
        raise ApplicationUnknown(f"MVIDARR_APP can't be served: {reason}. Use fastapi_app.asgi:app.") from None
    if not callable(application):
        raise ApplicationUnknown(f"MVIDARR_APP names {import_string!r}, which is no application.")
    loaded: Application = application
    return loaded


def prepare(import_string: str, config: Config, *, adopted: bool) -> None:
    """Lets the application's module put its own rows in place, once the tables are current and before anyone comes.

    A module may have `prepare(config, *, adopted)`; it is called at every start, in one process, and must be
    repeatable. `adopted` says whether the library came from 0.9.
    """
    module = importlib.import_module(import_string.partition(":")[0])
    hook = getattr(module, "prepare", None)
    if hook is not None:
        hook(config, adopted=adopted)
