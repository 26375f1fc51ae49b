"""The hybrid: one router before the legacy and the modern application. The one module that knows everybody."""

import asyncio
from functools import partial
from typing import Any, cast

from flask import Flask
from prometheus_client import CollectorRegistry
from starlette.requests import Request

from fastapi_app.app import create_app as create_modern
from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import BrowserSession, CookieSigner, cookie_value
from fastapi_app.auth.sessions import USER_KEY, find_visitor
from fastapi_app.config import Config, database_address
from fastapi_app.database import Database
from fastapi_app.pages.static_files import STATIC
from fastapi_app.secret_key import signing_keys
from fastapi_app.urls import header
from legacy_flask import database
from legacy_flask.app import create_app as create_flask
from legacy_flask.configuration import LegacySettings
from migration_flags import Stage
from migration_flags.stores.sql import SQLStore
from router import Owner, Router, WSGIBackend

SEEDED_BY = "mvidarr"
NOT_AT_PAR: frozenset[str] = frozenset()
"""Keys of routes whose two sides are known to answer differently. A new installation starts them on the legacy side."""


class LegacyBackend(WSGIBackend):
    """The legacy application, whose connections end with it."""

    async def close(self) -> int:
        stuck = await super().close()
        await asyncio.to_thread(database.of(cast("Flask", self.app)).close)
        return stuck


def create_router() -> Router:
    """The hybrid, configured by the environment. Connects to nothing."""
    return build(Config())


def create_store(config: Config | None = None) -> SQLStore:
    """The flags, which live in the library's database. Connects to nothing."""
    address = database_address(config or Config())
    return SQLStore(address)


def build(config: Config) -> Router:
    """The hybrid for `config`. Connects to nothing; its lifespan opens and closes what it needs."""
    registry = CollectorRegistry()
    return Router(
        legacy=LegacyBackend(build_legacy(config), threads=config.database_pool_size),
        modern=create_modern(config, registry),
        flags=create_store(config),
        identify=identify,
        authorize=is_administrator,
        registry=registry,
        max_body=config.max_body_bytes,
    )


def build_legacy(config: Config) -> Flask:
    """The legacy application alone, told its configuration as plain values."""
    return create_flask(
        LegacySettings(
            database_url=database_address(config).render_as_string(hide_password=False),
            secret_keys=partial(signing_keys, config),
            data_dir=config.data_dir,
            static_folder=STATIC,
            media_roots=config.media_roots,
            max_body_bytes=config.max_body_bytes,
            pool_size=config.database_pool_size,
            pool_overflow=config.database_pool_overflow,
            pool_timeout=config.database_pool_timeout,
            imvdb_url=config.imvdb_url,
            imvdb_interval=config.imvdb_interval,
        )
    )


def seed_stages(config: Config, *, adopted: bool) -> None:
    """Gives a stage to every route that both sides have and that has none yet. May be repeated.

    A library adopted from 0.9 starts on the legacy side; a new one on the modern side, where the two are at par.
    """
    store = create_store(config)
    try:
        keys = [row.key for row in build(config).table if row.owner is Owner.BOTH]
        at_par = [] if adopted else [key for key in keys if key not in NOT_AT_PAR]
        if at_par:
            store.seed(at_par, Stage.MODERN, actor=SEEDED_BY, reason="a new library; both sides are at par")
        rest = [key for key in keys if key not in at_par]
        if rest:
            store.seed(rest, Stage.LEGACY, actor=SEEDED_BY, reason="starts where 0.9 left it")
    finally:
        store.close()


prepare = seed_stages
"""What `mvidarr up` and `mvidarr serve` call before anyone comes."""


def identify(scope: Any) -> str | None:
    """Who a request belongs to, by its signed cookie alone; None where it names nobody."""
    signer: CookieSigner | None = scope.get("state", {}).get("signer")
    value = cookie_value(header(scope, b"cookie"))
    user = signer.read(value).get(USER_KEY) if signer is not None and value else None
    return f"user:{user}" if isinstance(user, int) else None


async def is_administrator(scope: Any, action: str) -> bool:
    """Whether the visitor may use the router's own pages and explanations: administrators only, gate or not."""
    del action
    state = scope.get("state", {})
    signer: CookieSigner | None = state.get("signer")
    library: Database | None = state.get("database")
    value = cookie_value(header(scope, b"cookie"))
    if signer is None or library is None or not value:
        return False
    request = Request({**scope, "session": BrowserSession(signer, value)})
    async with library.reading() as session:
        visitor = await find_visitor(request, session)
    return visitor.reaches(Access.ADMINISTER)
