"""The modern application: `create_app(config)`."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypedDict

import anyio
from anyio import CapacityLimiter
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from fastapi_app import metrics, openapi
from fastapi_app.artists import endpoints as artists
from fastapi_app.auth import endpoints as auth
from fastapi_app.auth.cookies import CookieSigner
from fastapi_app.auth.hashing import Hashing
from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.errors import install_handlers
from fastapi_app.health import endpoints as health
from fastapi_app.logs import configure_logs
from fastapi_app.media.transcode import transcode_limiter
from fastapi_app.middleware.body_limit import BodyLimit
from fastapi_app.middleware.failures import Failures
from fastapi_app.middleware.foreign_requests import ForeignRequests
from fastapi_app.middleware.leading_slashes import LeadingSlashes
from fastapi_app.middleware.observation import Observation
from fastapi_app.middleware.prefix import Prefix
from fastapi_app.middleware.security_headers import SecurityHeaders
from fastapi_app.middleware.session_cookie import SessionCookie
from fastapi_app.pages import endpoints as pages
from fastapi_app.pages.markup import templates
from fastapi_app.route import endpoints
from fastapi_app.secret_key import signing_keys
from fastapi_app.settings import endpoints as settings
from fastapi_app.unmatched import RouteMap, answer_unmatched
from fastapi_app.videos import endpoints as videos

VERSION = "1.0.0"


class State(TypedDict):
    """What every request finds in `request.state`."""

    config: Config
    database: Database
    signer: CookieSigner
    hashing: Hashing
    transcodes: CapacityLimiter


class Product(FastAPI):
    """FastAPI, with a description that says what is true."""

    def openapi(self) -> dict[str, Any]:
        return openapi.describe(self)


def create_app(config: Config, registry: CollectorRegistry | None = None) -> FastAPI:
    """The application for `config`. Connects to nothing; its lifespan builds and closes what it needs.

    `registry` is where it counts; a process that counts more passes its own.
    """
    shared = CollectorRegistry() if registry is None else registry
    app = Product(
        title=openapi.TITLE,
        version=VERSION,
        generate_unique_id_function=openapi.operation_id,
        lifespan=_lifespan(config),
        middleware=_middleware(config, metrics.RequestMetrics(shared)),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.include_router(artists.router)
    app.include_router(videos.router)
    app.include_router(settings.router)
    app.include_router(auth.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(openapi.router)
    app.include_router(pages.router)
    templates()
    install_handlers(app)
    app.add_exception_handler(HTTPException, answer_unmatched)
    app.state.registry = shared
    app.state.route_map = RouteMap(endpoints(app.routes))
    return app


def _middleware(config: Config, counts: metrics.RequestMetrics) -> list[Middleware]:
    """From the outermost inwards."""
    prefix = [Middleware(Prefix, prefix=config.base_url)] if config.base_url else []
    return [
        *prefix,
        Middleware(Observation, metrics=counts),
        Middleware(SecurityHeaders),
        Middleware(Failures),
        Middleware(LeadingSlashes),
        Middleware(SessionCookie),
        Middleware(ForeignRequests),
        Middleware(BodyLimit, limit=config.max_body_bytes),
    ]


def _lifespan(config: Config) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        configure_logs(config.log_level)
        keys = await anyio.to_thread.run_sync(signing_keys, config)
        database = Database(config)
        try:
            yield {
                "config": config,
                "database": database,
                "signer": CookieSigner(keys),
                "hashing": Hashing(),
                "transcodes": transcode_limiter(),
            }
        finally:
            await database.close()

    return lifespan
