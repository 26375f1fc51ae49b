"""What the process was told from outside and no page changes: shown beside the settings, each with its variable."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from fastapi_app.config import Config, database_address
from fastapi_app.settings.catalogue import Group


@dataclass(frozen=True)
class Fixed:
    """One field of the configuration. `read` shows its value, never a secret.

    `instead` is the field of 0.9 that says the same, under its own name.
    """

    field: str
    group: Group
    label: str
    read: Callable[[Config], str]
    instead: str = ""

    @property
    def variable(self) -> str:
        return f"MVIDARR_{self.field.upper()}"


@dataclass(frozen=True)
class Shown:
    """A fixed value as a page tells it. `given` is whether the environment, or `.env`, names it."""

    label: str
    value: str
    variable: str
    given: bool


def _plain(field: str, unit: str = "") -> Callable[[Config], str]:
    def read(config: Config) -> str:
        value = getattr(config, field)
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        return f"{text} {unit}".strip() if text else "none"

    return read


def _yes_or_no(field: str) -> Callable[[Config], str]:
    return lambda config: "yes" if getattr(config, field) else "no"


def _database(config: Config) -> str:
    return database_address(config).render_as_string(hide_password=True)


def _redis(config: Config) -> str:
    if not config.redis_url:
        return "none"
    try:
        return make_url(config.redis_url).render_as_string(hide_password=True)
    except ArgumentError:
        return "set"


def _secret_key(config: Config) -> str:
    return "set" if config.secret_key else "made once, kept in the data folder"


def _days_of_https(config: Config) -> str:
    return f"{config.hsts_seconds / 86_400:g} days" if config.hsts_seconds else "not told"


def _largest_upload(config: Config) -> str:
    return f"{config.max_body_bytes / 2**20:,.0f} MiB"


FIXED: tuple[Fixed, ...] = (
    Fixed("data_dir", Group.GENERAL, "Data folder", lambda config: str(config.data_dir.absolute())),
    Fixed("media_roots", Group.GENERAL, "Further folders with films", _plain("media_roots")),
    Fixed("host", Group.GENERAL, "Address to listen on", _plain("host")),
    Fixed("port", Group.GENERAL, "Port", _plain("port")),
    Fixed("base_url", Group.GENERAL, "Prefix behind a proxy", _plain("base_url")),
    Fixed("workers", Group.GENERAL, "Web processes", _plain("workers")),
    Fixed("secret_key", Group.SECURITY, "Key that signs logins", _secret_key),
    Fixed("trusted_proxies", Group.SECURITY, "Trusted proxies", _plain("trusted_proxies")),
    Fixed("cors_origins", Group.SECURITY, "Other sites whose pages may use this one", _plain("cors_origins")),
    Fixed("hsts_seconds", Group.SECURITY, "Browsers insist on https for", _days_of_https),
    Fixed("flood_limit", Group.SECURITY, "Requests of one address in ten seconds", _plain("flood_limit")),
    Fixed(
        "allow_private_addresses",
        Group.SECURITY,
        "Downloads from private networks",
        _yes_or_no("allow_private_addresses"),
    ),
    Fixed("imvdb_url", Group.SERVICES, "Address of IMVDb", _plain("imvdb_url")),
    Fixed("imvdb_interval", Group.SERVICES, "Pause between calls to IMVDb", _plain("imvdb_interval", "seconds")),
    Fixed("youtube_url", Group.SERVICES, "Address of YouTube", _plain("youtube_url")),
    Fixed("worker_processes", Group.DOWNLOADS, "Jobs at once", _plain("worker_processes")),
    Fixed("search_address", Group.DOWNLOADS, "Search for films without an address", _plain("search_address")),
    Fixed("database_url", Group.DATABASE, "Database", _database, "db_host"),
    Fixed("database_pool_size", Group.DATABASE, "Connections kept by each web process", _plain("database_pool_size")),
    Fixed("database_pool_overflow", Group.DATABASE, "More at a peak", _plain("database_pool_overflow")),
    Fixed("database_pool_timeout", Group.DATABASE, "Wait for a connection", _plain("database_pool_timeout", "seconds")),
    Fixed("redis_url", Group.DATABASE, "Redis", _redis),
    Fixed("log_level", Group.SYSTEM, "Detail of the log", _plain("log_level")),
    Fixed("log_format", Group.SYSTEM, "Form of the log", _plain("log_format")),
    Fixed("max_body_bytes", Group.SYSTEM, "Largest upload", _largest_upload),
    Fixed("sockets", Group.SYSTEM, "Open sockets of live progress", _plain("sockets")),
    Fixed("sockets_per_user", Group.SYSTEM, "Of these, for one user", _plain("sockets_per_user")),
)


def told(config: Config, group: Group) -> list[Shown]:
    """What is fixed in a group. Pure."""
    return [_shown(fixed, config) for fixed in FIXED if fixed.group is group]


def _shown(fixed: Fixed, config: Config) -> Shown:
    given = config.model_fields_set
    if fixed.instead in given and not getattr(config, fixed.field):
        return Shown(fixed.label, fixed.read(config), fixed.instead.upper(), given=True)
    return Shown(fixed.label, fixed.read(config), fixed.variable, fixed.field in given)
