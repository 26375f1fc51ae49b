"""Where the command line finds the application and its flags: options, else ``[tool.strangler]`` in pyproject.toml."""

import importlib
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from migration_flags import FlagStore
from migration_flags.errors import AddressRefused
from migration_flags.stores.address import store_at
from router.app import Router
from router.errors import RouterError


class NotConfigured(RouterError):
    """The application, or its flags, can't be found or built."""


def read_settings(start: Path) -> Mapping[str, str]:
    """``[tool.strangler]`` of the nearest pyproject.toml that has one, from ``start`` upward.

    ``app`` names a factory of the `Router`, ``store`` one of the flag store alone; both are ``module:attribute`` and
    take no arguments. ``rehearsal``, ``corpus`` and ``waivers`` are for ``strangler parity``. The file's folder becomes
    importable, and is added as ``folder``.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        if file.is_file():
            try:
                settings = tomllib.loads(file.read_text("utf-8")).get("tool", {}).get("strangler")
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise NotConfigured(f"{file} can't be read: {error}.") from error
            if settings is not None:
                _make_importable(folder)
                return {**{str(name): str(value) for name, value in settings.items()}, "folder": str(folder)}
    return {}


def build_router(app: str | None, settings: Mapping[str, str]) -> Router:
    """The router that ``app`` or the settings name. Raises `NotConfigured`."""
    name = app or settings.get("app")
    if name is None:
        raise NotConfigured("No application: give --app module:factory, or app in [tool.strangler] of pyproject.toml.")
    router = _call(name)
    if not isinstance(router, Router):
        raise NotConfigured(f"{name} built a {type(router).__name__}, not a Router.")
    return router


def build_store(store: str | None, app: str | None, settings: Mapping[str, str]) -> FlagStore:
    """The flag store: of the URL ``store``; of the factory that the settings name; else of the application."""
    if store is not None:
        return open_store(store)
    if app is None and "store" in settings:
        built: FlagStore = _call(settings["store"])
        return built
    return build_router(app, settings).flags


def open_store(url: str) -> FlagStore:
    """The store at an address. Raises `NotConfigured`, without the address: it may hold a password."""
    try:
        return store_at(url)
    except AddressRefused as error:
        raise NotConfigured(
            "--store is not the URL of a database or a Redis, nor file: and a path. Example: sqlite:///data/flags.db."
        ) from error


def _make_importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _call(name: str) -> Any:
    factory = load(name)
    try:
        return factory()
    except Exception as error:  # the command's edge: a foreign factory's failure is one sentence here
        raise NotConfigured(f"{name} failed: {type(error).__name__}: {error}") from error


def load(name: str) -> Callable[..., Any]:
    """What ``module:attribute`` names, if that can be called. Raises `NotConfigured`."""
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise NotConfigured(f"{name!r} is not of the form module:factory.")
    try:
        found: Any = importlib.import_module(module_name)
    except ImportError as error:
        raise NotConfigured(f"{module_name} can't be imported: {error}.") from error
    for part in attribute.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise NotConfigured(f"{module_name} has no factory {attribute}.")
    factory: Callable[..., Any] = found
    return factory
