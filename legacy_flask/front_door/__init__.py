"""The hybrid: one router before the legacy and the modern application. The one module that knows everybody."""

import asyncio
import logging
from functools import lru_cache, partial
from typing import Any, cast

from flask import Flask
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers
from starlette.requests import Request

from fastapi_app.app import create_app as create_modern
from fastapi_app.auth.access import Access
from fastapi_app.auth.cookies import ACCESS_COOKIE, BrowserSession, CookieSigner, cookie_value
from fastapi_app.auth.credential import Kind, presented
from fastapi_app.auth.keys.rules import hashed
from fastapi_app.auth.sessions import USER_KEY, visitor_or_nobody
from fastapi_app.auth.tokens import TokenRefused, TokenSigner
from fastapi_app.config import Config, database_address
from fastapi_app.database import Database
from fastapi_app.logs import ACCESS
from fastapi_app.pages.static_files import STATIC
from fastapi_app.secret_key import signing_keys
from fastapi_app.urls import LOGIN_PATH, header
from legacy_flask import database, download_threads, flood
from legacy_flask.app import create_app as create_flask
from legacy_flask.configuration import LegacySettings
from legacy_flask.front_door.code import code_digest
from legacy_flask.front_door.demands import demands
from legacy_flask.front_door.dry_run import dry_run
from legacy_flask.front_door.isolation import mirrored
from legacy_flask.front_door.recording import recorder
from migration_flags import Stage
from migration_flags.stores.sql import SQLStore
from router import Owner, Router, WSGIBackend
from router.access_log import AccessLog
from router.fallback import FallbackRules
from router.mirror.limits import MirrorLimits
from router.rollback.rules import RollbackRules
from router.tracing import Tracing
from router.types import ASGIApp

SEEDED_BY = "mvidarr"
NOT_AT_PAR: frozenset[str] = frozenset()
"""Keys of routes whose two sides are known to answer differently. A new installation starts them on the legacy side."""

UNMIRRORED = (
    "GET /api/videos/{video_id}/stream",  # a missing file makes the video wanted again
    "GET /auth/dynamic-logout",
)
"""Reads that change something: asked once, and never again by the mirror."""


class LegacyBackend(WSGIBackend):
    """The legacy application, whose connections and downloads end with it."""

    async def close(self) -> int:
        stuck = await super().close()
        await asyncio.to_thread(download_threads.of(cast("Flask", self.app)).close)
        await asyncio.to_thread(database.of(cast("Flask", self.app)).close)
        await asyncio.to_thread(flood.of(cast("Flask", self.app)).close)
        return stuck


def create_app() -> ASGIApp:
    """What a server serves: the hybrid, each request of which has one trace. Connects to nothing."""
    return Tracing().around(create_router())


def create_router() -> Router:
    """The hybrid, configured by the environment. Connects to nothing."""
    return build(Config())


def create_store(config: Config | None = None) -> SQLStore:
    """The flags, which live in the library's database. Connects to nothing."""
    address = database_address(config or Config())
    return SQLStore(address)


def build(config: Config, *, watched: bool = True) -> Router:
    """The hybrid for `config`. Connects to nothing; its lifespan opens and closes what it needs.

    Unless `watched`, each side answers for itself: nothing is mirrored, falls back or is taken back, and legacy fetches
    no film. Comparisons of the two need that.
    """
    registry = CollectorRegistry()
    legacy = build_legacy(config, runs_downloads=watched)
    tracing = Tracing()
    return Router(
        legacy=LegacyBackend(legacy, threads=config.database_pool_size),
        modern=create_modern(config, registry, access_log=False),
        flags=create_store(config),
        identify=identify,
        authorize=administrator,
        login=LOGIN_PATH,
        isolate=tracing.isolate(mirrored),
        dry_run=tracing.dry_run(dry_run(legacy)) if watched else None,
        observers=[tracing.observe, AccessLog(logging.getLogger(ACCESS))],
        recorder=recorder(config) if watched else None,
        demands=demands(legacy),
        version=code_digest(),
        secret=lambda: signing_keys(config)[-1],
        unmirrored=UNMIRRORED,
        mirror=MirrorLimits() if watched else None,
        rollback=RollbackRules() if watched else None,
        fallback=FallbackRules() if watched else None,
        registry=registry,
        max_body=config.max_body_bytes,
    )


def build_legacy(config: Config, *, runs_downloads: bool = True) -> Flask:
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
            youtube_url=config.youtube_url,
            cors_origins=config.cors_origins,
            hsts_seconds=config.hsts_seconds,
            flood_limit=config.flood_limit,
            redis_url=config.redis_url,
            runs_downloads=runs_downloads,
            allow_private_addresses=config.allow_private_addresses,
            search_address=config.search_address,
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
    """Who a request belongs to, by what it carries and without asking the database; None where that names nobody.

    The signed login cookie, else a token of ours, else an API key, by the beginning of its hash. It keeps a visitor on
    one side and proves nothing: whether the login still counts is not known here.
    """
    state, cookies = scope.get("state", {}), header(scope, b"cookie")
    signer: CookieSigner | None = state.get("signer")
    value = cookie_value(cookies)
    user = signer.read(value).get(USER_KEY) if signer is not None and value else None
    if isinstance(user, int):
        return f"user:{user}"
    given = presented(*_headers(scope), scope.get("query_string", b""))
    if given is not None and given.kind is Kind.KEY:
        return f"key:{hashed(given.value)[:16]}"
    tokens: TokenSigner | None = state.get("tokens")
    token = given.value if given is not None else cookie_value(cookies, ACCESS_COOKIE)
    return _subject(tokens, token) if tokens is not None and token else None


async def administrator(scope: Any, action: str) -> str | bool:
    """The name of a visitor who may use the router's console, move routes, and be told of decisions; False for others.

    Administrators only, whether the library asks for a login or not.
    """
    del action
    state = scope.get("state", {})
    signer: CookieSigner | None = state.get("signer")
    library: Database | None = state.get("database")
    value = cookie_value(header(scope, b"cookie"))
    if signer is None or library is None:
        return False
    request = Request({**scope, "session": BrowserSession(signer, value)})
    async with library.reading() as session:
        visitor = await visitor_or_nobody(request, session)
    return visitor.reaches(Access.ADMINISTER) and (visitor.username or f"user:{visitor.user_id}")


def _headers(scope: Any) -> tuple[str | None, str | None]:
    """The headers that may prove somebody, None for those that are not there."""
    found = Headers(raw=scope["headers"])
    return found.get("authorization"), found.get("x-api-key")


@lru_cache(maxsize=4096)
def _subject(signer: TokenSigner, token: str) -> str | None:
    """The user of a token that was ever ours: verifying its signature takes a tenth of a millisecond, once."""
    try:
        return f"user:{signer.user_of(token)}"
    except TokenRefused:
        return None
