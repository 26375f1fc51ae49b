"""What the process is told from outside: environment variables and `.env`. Settings that users edit are rows."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SQLITE = "sqlite"
_MARIADB_NAMES = ("mysql", "mariadb")


def _named(*old_names: str, ours: str) -> AliasChoices:
    """Our name first, then the names that 0.9 read."""
    return AliasChoices(f"MVIDARR_{ours}", *old_names)


class Config(BaseSettings):
    """The configuration of one process, read once and never changed.

    Every field is an environment variable with the prefix `MVIDARR_`; 0.9's own names keep working. `.env.example`
    lists them all.
    """

    model_config = SettingsConfigDict(
        env_prefix="MVIDARR_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    app: str = Field(default="fastapi_app.asgi:app", description="Import string of the application to serve")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=5000, ge=0, le=65_535, validation_alias=_named("PORT", ours="PORT"))
    workers: int = Field(default=1, ge=1, le=64, description="Web processes of `mvidarr serve`")
    base_url: str = Field(default="", description="Path prefix behind a proxy, for instance /mvidarr")
    trusted_proxies: str = Field(default="127.0.0.1", description="Addresses whose X-Forwarded headers count")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins whose pages may use this site, separated by commas"
    )
    hsts_seconds: int = Field(default=31_536_000, ge=0, description="How long browsers insist on https; 0: not told")
    flood_limit: int = Field(default=1200, ge=0, description="Requests in ten seconds from one address; 0: any number")
    log_level: str = Field(default="INFO", validation_alias=_named("LOG_LEVEL", ours="LOG_LEVEL"))
    log_format: Literal["text", "json"] = Field(default="text", description="Log lines for people, or for machines")

    data_dir: Path = Field(default=Path("data"), description="Where everything that changes lives")
    media_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="Further folders whose files may be served, separated by colons"
    )
    max_body_bytes: int = Field(default=100 * 2**20, gt=0, description="Largest request body, in bytes")

    database_url: str = Field(default="", description="mysql://… or sqlite:///…, without a driver")
    database_pool_size: int = Field(
        default=10, ge=1, validation_alias=_named("DB_POOL_SIZE", ours="DATABASE_POOL_SIZE")
    )
    database_pool_overflow: int = Field(
        default=20, ge=0, validation_alias=_named("DB_MAX_OVERFLOW", ours="DATABASE_POOL_OVERFLOW")
    )
    database_pool_timeout: float = Field(
        default=30.0, gt=0, validation_alias=_named("DB_POOL_TIMEOUT", ours="DATABASE_POOL_TIMEOUT")
    )
    db_host: str = Field(default="", validation_alias="DB_HOST")
    db_port: int = Field(default=3306, validation_alias="DB_PORT")
    db_name: str = Field(default="mvidarr", validation_alias="DB_NAME")
    db_user: str = Field(default="mvidarr", validation_alias="DB_USER")
    db_password: SecretStr = Field(default=SecretStr("mvidarr"), validation_alias="DB_PASSWORD")

    imvdb_url: str = Field(default="https://imvdb.com/api/v1", description="Where the interface of IMVDb is")
    imvdb_interval: float = Field(default=1.0, ge=0, le=60, description="Seconds between two calls to IMVDb")
    youtube_url: str = Field(
        default="https://www.googleapis.com/youtube/v3", description="Where the interface of YouTube is"
    )

    sockets: int = Field(default=5000, ge=1, description="Open sockets of live progress, in each web process")
    sockets_per_user: int = Field(default=50, ge=1, description="How many of these one user may hold")

    allow_private_addresses: bool = Field(
        default=False, description="Whether downloads may come from private networks, and through a proxy"
    )
    search_address: str = Field(
        default="ytsearch1:", description="What finds the film of a video without an address; its name is put behind"
    )

    worker_processes: int = Field(
        default=6, ge=0, le=256, description="Most jobs that a worker runs at once; 0: `mvidarr up` starts no worker"
    )
    redis_url: str = Field(default="", description="redis://… or unix://…; empty: `mvidarr up` starts a private one")
    secret_key: SecretStr | None = Field(default=None, description="Signs cookies; empty: made once, kept in data_dir")
    secret_key_fallbacks: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="Older keys whose cookies still count, separated by commas"
    )

    @field_validator("media_roots", mode="before")
    @classmethod
    def _split_paths(cls, value: Any) -> Any:
        return tuple(part for part in value.split(":") if part) if isinstance(value, str) else value

    @field_validator("secret_key_fallbacks", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(_origin(part.strip()) for part in value.split(",") if part.strip())

    @field_validator("secret_key", mode="before")
    @classmethod
    def _empty_key_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("base_url")
    @classmethod
    def _prefix_without_final_slash(cls, value: str) -> str:
        prefix = value.rstrip("/")
        if prefix and not prefix.startswith("/"):
            raise ValueError("starts with a slash, for instance /mvidarr")
        return prefix

    @field_validator("imvdb_url", "youtube_url")
    @classmethod
    def _web_address_without_final_slash(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("is an address like https://imvdb.com/api/v1")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _database_is_known(self) -> Self:
        database_address(self)
        return self


def _origin(text: str) -> str:
    """An origin as browsers write it. Raises ValueError, for `*` too: credentials are never for everybody."""
    parts = urlsplit(text)
    ports = {"http": 80, "https": 443}
    more = parts.path.rstrip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ports or not parts.hostname or more:
        raise ValueError("holds origins like https://dash.example.org, separated by commas")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, ports[parts.scheme]) else "")


def database_address(config: Config) -> URL:
    """The database, without a driver: each side picks its own.

    Raises ValueError naming the variable when the address is not one of MariaDB or SQLite.
    """
    try:
        address = make_url(config.database_url) if config.database_url else _default_address(config)
    except ArgumentError:
        raise ValueError("MVIDARR_DATABASE_URL is not an address like mysql://… or sqlite:///…") from None
    name = address.get_backend_name()
    if name not in (*_MARIADB_NAMES, SQLITE):
        raise ValueError(f"MVIDARR_DATABASE_URL names {name!r}: use mysql://… or sqlite:///…")
    return address.set(drivername=SQLITE if name == SQLITE else "mysql")


def _default_address(config: Config) -> URL:
    if not config.db_host:
        return URL.create(SQLITE, database=str(config.data_dir / "mvidarr.db"))
    return URL.create(
        "mysql",
        username=config.db_user,
        password=config.db_password.get_secret_value(),
        host=config.db_host,
        port=config.db_port,
        database=config.db_name,
        query={"charset": "utf8mb4"},
    )
