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

from fastapi_app import log_file, metrics, openapi
from fastapi_app.artists import endpoints as artists
from fastapi_app.artists.bulk import endpoints as artist_bulk
from fastapi_app.artists.detail import endpoints as artist_detail
from fastapi_app.artists.merging import endpoints as artist_merging
from fastapi_app.artists.navigation import endpoints as artist_navigation
from fastapi_app.artists.search import endpoints as artist_search
from fastapi_app.audit import endpoints as audit
from fastapi_app.audit import pages as audit_pages
from fastapi_app.auth import endpoints as auth
from fastapi_app.auth import me_endpoints as identity
from fastapi_app.auth import password_endpoints as passwords
from fastapi_app.auth import token_endpoints as tokens
from fastapi_app.auth.cookies import CookieSigner
from fastapi_app.auth.hashing import Hashing
from fastapi_app.auth.keys import endpoints as keys
from fastapi_app.auth.refusals import Refusals
from fastapi_app.auth.second_factor import endpoints as second_factor
from fastapi_app.auth.second_factor import management_endpoints as second_factor_management
from fastapi_app.auth.second_factor import management_pages as second_factor_pages
from fastapi_app.auth.tokens import TokenSigner
from fastapi_app.backup import endpoints as backups
from fastapi_app.caching.caches import Caches
from fastapi_app.caching.figures import CacheMetrics
from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.deletions import endpoints as deletions
from fastapi_app.discovery import endpoints as discovery
from fastapi_app.errors import install_handlers
from fastapi_app.genres import endpoints as genres
from fastapi_app.health import endpoints as health
from fastapi_app.indexing import endpoints as indexing
from fastapi_app.indexing.walk import walk_limiter
from fastapi_app.integrations import imvdb, youtube
from fastapi_app.jobs import routes as jobs
from fastapi_app.jobs.dispatch import Dispatch, Messenger
from fastapi_app.jobs.metrics import JobMetrics
from fastapi_app.jobs.watch import Watch
from fastapi_app.logs import configure_logs
from fastapi_app.media.transcode import transcode_limiter
from fastapi_app.metrics import sharing
from fastapi_app.metube import cookie_endpoints as metube_cookies
from fastapi_app.metube import endpoints as metube
from fastapi_app.middleware.body_limit import BodyLimit
from fastapi_app.middleware.cors import CORS
from fastapi_app.middleware.failures import Failures
from fastapi_app.middleware.flood import SECONDS as FLOOD_SECONDS
from fastapi_app.middleware.flood import Flood
from fastapi_app.middleware.foreign_requests import ForeignRequests
from fastapi_app.middleware.leading_slashes import LeadingSlashes
from fastapi_app.middleware.observation import Observation
from fastapi_app.middleware.prefix import Prefix
from fastapi_app.middleware.security_headers import SecurityHeaders
from fastapi_app.middleware.session_cookie import SessionCookie
from fastapi_app.middleware.tally import Tally
from fastapi_app.monitors import endpoints as monitors
from fastapi_app.monitors.sync import endpoints as monitor_sync
from fastapi_app.naming import endpoints as naming
from fastapi_app.nfo import endpoints as nfo
from fastapi_app.organization import endpoints as organization
from fastapi_app.pages import endpoints as pages
from fastapi_app.pages.backup import endpoints as backup_pages
from fastapi_app.pages.markup import templates
from fastapi_app.pages.mvtv import endpoints as mvtv_pages
from fastapi_app.pages.mvtv import queue as mvtv
from fastapi_app.pages.playlists import endpoints as playlist_pages
from fastapi_app.pages.playlists import one as playlist_page
from fastapi_app.pages.renames import endpoints as rename_pages
from fastapi_app.pages.search import endpoints as search_pages
from fastapi_app.pages.settings import endpoints as settings_pages
from fastapi_app.pages.system import endpoints as system_pages
from fastapi_app.pages.wanted import endpoints as wanted_pages
from fastapi_app.pages.watched import endpoints as watched_pages
from fastapi_app.pages.welcome import endpoints as welcome_pages
from fastapi_app.playlists import deletion_endpoints as playlist_deletion
from fastapi_app.playlists import dynamic_endpoints as dynamic_playlists
from fastapi_app.playlists import endpoints as playlists
from fastapi_app.playlists import entry_endpoints as playlist_entries
from fastapi_app.playlists import picture_endpoints as playlist_pictures
from fastapi_app.playlists import playing_endpoints as playlist_playing
from fastapi_app.progress import endpoints as progress
from fastapi_app.progress import hub, socket_io, socket_io_endpoints
from fastapi_app.renames import endpoints as renames
from fastapi_app.route import endpoints
from fastapi_app.scheduler import endpoints as scheduler
from fastapi_app.search import endpoints as search
from fastapi_app.secret_key import signing_keys
from fastapi_app.settings import endpoints as settings
from fastapi_app.system import endpoints as system
from fastapi_app.thumbnails import artists as artist_thumbnails
from fastapi_app.thumbnails import videos as video_thumbnails
from fastapi_app.thumbnails.replacing import picture_limiter
from fastapi_app.unmatched import RouteMap, answer_unmatched
from fastapi_app.urls import is_copy
from fastapi_app.users import endpoints as users
from fastapi_app.users import logins as user_logins
from fastapi_app.users import me, profile
from fastapi_app.users import pages as user_pages
from fastapi_app.videos import endpoints as videos
from fastapi_app.videos.bulk import editing as video_editing
from fastapi_app.videos.bulk import endpoints as video_bulk
from fastapi_app.videos.downloading import endpoints as video_downloading
from fastapi_app.videos.downloads import endpoints as video_downloads
from fastapi_app.videos.duplicates import endpoints as video_duplicates
from fastapi_app.videos.recovery import endpoints as video_recovery
from fastapi_app.videos.scan import endpoints as video_scan
from fastapi_app.videos.search import endpoints as video_search
from fastapi_app.webhooks import endpoints as webhooks

VERSION = "1.0.0"
_ROUTERS = (
    artists,
    artist_bulk,
    artist_detail,
    artist_merging,
    artist_navigation,
    artist_search,
    videos,
    video_bulk,
    video_editing,
    video_downloading,
    video_downloads,
    video_duplicates,
    video_recovery,
    video_scan,
    video_search,
    deletions,
    search,
    artist_thumbnails,
    video_thumbnails,
    settings,
    scheduler,
    genres,
    webhooks,
    monitors,
    monitor_sync,
    playlists,
    playlist_deletion,
    playlist_entries,
    dynamic_playlists,
    playlist_pictures,
    playlist_playing,
    discovery,
    indexing,
    organization,
    auth,
    second_factor,
    passwords,
    users,
    user_logins,
    me,
    second_factor_management,
    audit,
    user_pages,
    profile,
    second_factor_pages,
    audit_pages,
    identity,
    tokens,
    keys,
    jobs,
    metube,
    metube_cookies,
    health,
    metrics,
    openapi,
    pages,
    search_pages,
    settings_pages,
    welcome_pages,
    wanted_pages,
    mvtv,
    mvtv_pages,
    playlist_pages,
    playlist_page,
    watched_pages,
    naming,
    nfo,
    renames,
    rename_pages,
    backups,
    backup_pages,
    system,
    system_pages,
    progress,
    socket_io_endpoints,
)


class State(TypedDict):
    """What every request finds in `request.state`."""

    config: Config
    database: Database
    signer: CookieSigner
    tokens: TokenSigner
    refusals: Refusals
    hashing: Hashing
    transcodes: CapacityLimiter
    pictures: CapacityLimiter
    walks: CapacityLimiter
    imvdb: imvdb.IMVDb
    youtube: youtube.YouTube
    tally: Tally | None
    progress: hub.Hub
    socket_io: socket_io.SocketIO
    watch: Watch
    jobs: Messenger
    metrics: sharing.Sharing
    caches: Caches


class Product(FastAPI):
    """FastAPI, with a description that says what is true."""

    def openapi(self) -> dict[str, Any]:
        return openapi.describe(self)


def create_app(config: Config, registry: CollectorRegistry | None = None, *, access_log: bool = True) -> FastAPI:
    """The application for `config`. Connects to nothing; its lifespan builds and closes what it needs.

    `registry` is where it counts; a process that counts more passes its own. Without `access_log` it writes no line for
    each request: somebody before it does.
    """
    shared = CollectorRegistry() if registry is None else registry
    app = Product(
        title=openapi.TITLE,
        version=VERSION,
        generate_unique_id_function=openapi.operation_id,
        lifespan=_lifespan(config, shared),
        middleware=_middleware(config, metrics.RequestMetrics(shared), access_log=access_log),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"exclude": is_copy},
    )
    for module in _ROUTERS:
        app.include_router(module.router)
    templates()
    install_handlers(app)
    app.add_exception_handler(HTTPException, answer_unmatched)
    app.state.registry = shared
    app.state.job_metrics = JobMetrics(shared)
    app.state.cache_metrics = CacheMetrics(shared)
    app.state.route_map = RouteMap(endpoints(app.routes))
    return app


def _middleware(config: Config, counts: metrics.RequestMetrics, *, access_log: bool) -> list[Middleware]:
    """From the outermost inwards."""
    prefix = [Middleware(Prefix, prefix=config.base_url)] if config.base_url else []
    cors = [Middleware(CORS, allowed=config.cors_origins)] if config.cors_origins else []
    flood = [Middleware(Flood, limit=config.flood_limit)] if config.flood_limit else []
    return [
        *prefix,
        Middleware(Observation, metrics=counts, access_log=access_log),
        Middleware(SecurityHeaders, hsts_seconds=config.hsts_seconds),
        *cors,
        Middleware(Failures),
        *flood,
        Middleware(LeadingSlashes),
        Middleware(SessionCookie),
        Middleware(ForeignRequests, allowed=config.cors_origins),
        Middleware(BodyLimit, limit=config.max_body_bytes),
    ]


def _lifespan(config: Config, registry: CollectorRegistry) -> Callable[[FastAPI], AbstractAsyncContextManager[State]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        configure_logs(config.log_level, config.log_format)
        signed_with = await anyio.to_thread.run_sync(signing_keys, config)
        database = Database(config)
        shared = bool(config.redis_url and config.flood_limit)
        tally = Tally(config.redis_url, config.flood_limit, FLOOD_SECONDS) if shared else None
        messenger = Dispatch(config.redis_url)
        caches = Caches(VERSION)
        app.state.cache_metrics.follow(caches.store.tallies)
        try:
            async with (
                log_file.opened(log_file.path_of(config)),
                imvdb.opened(config) as imvdb_client,
                youtube.opened(config) as youtube_client,
                hub.opened(config, database) as progress_hub,
                socket_io.opened(config, database, progress_hub) as socket_io_server,
                sharing.opened(registry, config.data_dir) as shared_metrics,
            ):
                yield {
                    "config": config,
                    "database": database,
                    "signer": CookieSigner(signed_with),
                    "tokens": TokenSigner(signed_with),
                    "refusals": Refusals(),
                    "hashing": Hashing(),
                    "transcodes": transcode_limiter(),
                    "pictures": picture_limiter(),
                    "walks": walk_limiter(),
                    "imvdb": imvdb_client,
                    "youtube": youtube_client,
                    "tally": tally,
                    "progress": progress_hub,
                    "socket_io": socket_io_server,
                    "watch": Watch(database, config.redis_url),
                    "jobs": messenger,
                    "metrics": shared_metrics,
                    "caches": caches,
                }
        finally:
            await anyio.to_thread.run_sync(messenger.close)
            if tally is not None:
                await tally.close()
            await database.close()

    return lifespan
