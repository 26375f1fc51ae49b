"""What is known of older and hand-made installations of 0.9: each is a change of the plain tables."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tests.servers.nine_tables import NINE, Column, Shape, Table, columns, user_sessions, users

Change = Callable[[Shape], Shape]

_RAW = {"true": " = TRUE", "false": " = FALSE", "role": " = 'USER'", "active": " = 'ACTIVE'"}
_CLOCK = {
    "created": "{kind} = CURRENT_TIMESTAMP",
    "updated": "{kind} = CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP",
}
_INTEGRATION = {
    "artists": ("spotify_id", "lastfm_name", "source", "last_discovery"),
    "videos": ("youtube_id", "youtube_url", "playlist_id", "playlist_position", "source", "discovered_date"),
}
_THUMBNAILS = ("thumbnail_source", "thumbnail_metadata", "thumbnail_uploaded_at")
_DISCOVERY = ("url", "release_date", "description", "view_count", "video_metadata", "discovered_date")
_OLD_STATUS = "WANTED,DOWNLOADING,DOWNLOADED,IGNORED,FAILED"


@dataclass(frozen=True)
class Variant:
    """One kind of installation."""

    name: str
    shape: Shape
    is_mariadb_only: bool = False
    """It differs in an ENUM, which SQLite does not have."""

    def __str__(self) -> str:
        return self.name


def _lacking(**missing: Iterable[str]) -> Change:
    """Without these columns of these tables, and without the indexes on them."""
    return lambda shape: {name: _without(table, frozenset(missing.get(name, ()))) for name, table in shape.items()}


def _without(table: Table, names: frozenset[str]) -> Table:
    indexes = {index: on for index, on in (table.indexes or {}).items() if not names & set(on)}
    return replace(table, columns=tuple(one for one in table.columns if one.name not in names), indexes=indexes)


def _with_columns(table: str, text: str) -> Change:
    """With more columns at the end."""
    return lambda shape: {**shape, table: replace(shape[table], columns=(*shape[table].columns, *columns(text)))}


def _with_indexes(table: str, **indexes: tuple[str, ...]) -> Change:
    return lambda shape: {**shape, table: replace(shape[table], indexes={**(shape[table].indexes or {}), **indexes})}


def _without_tables(*names: str) -> Change:
    return lambda shape: {name: table for name, table in shape.items() if name not in names}


def _with_status(names: str) -> Change:
    """With another ENUM of `videos.status`."""

    def change(shape: Shape) -> Shape:
        old = shape["videos"].columns
        new = tuple(replace(one, inside=names) if one.name == "status" else one for one in old)
        return {**shape, "videos": replace(shape["videos"], columns=new)}

    return change


def _altered(shape: Shape) -> Shape:
    """Columns that scripts added stand at the end."""
    late = {*_THUMBNAILS, *_DISCOVERY, *_INTEGRATION["artists"], *_INTEGRATION["videos"], "genres", "like_count"}

    def by_age(column: Column) -> bool:
        return column.name in late

    return {name: replace(table, columns=tuple(sorted(table.columns, key=by_age))) for name, table in shape.items()}


def _raw_accounts(kind: str, roles: str, reference: str | None) -> Change:
    """Accounts made by hand-written SQL: defaults in the server, indexes of their own, another foreign key or none."""

    def change(shape: Shape) -> Shape:
        defaults = {**_RAW, **{name: clock.format(kind=kind) for name, clock in _CLOCK.items()}}
        sessions = {"user_id": ("user_id",), "token": ("session_token",), "status": ("status",)}
        sessions["expires"] = ("expires_at",)
        return {
            **shape,
            "users": Table(
                users(roles, **defaults),
                ("username", "email"),
                {
                    f"idx_users_{name.removeprefix('is_')}": (name,)
                    for name in ("username", "email", "role", "is_active")
                },
            ),
            "user_sessions": Table(
                user_sessions(**defaults),
                ("session_token",),
                {f"idx_sessions_{name}": on for name, on in sessions.items()},
                {"user_id": reference} if reference else None,
            ),
        }

    return change


def _variant(name: str, *changes: Change, is_mariadb_only: bool = False) -> Variant:
    shape = NINE
    for change in changes:
        shape = change(shape)
    return Variant(name, shape, is_mariadb_only)


_BEFORE_003 = _lacking(downloads=("priority",))
_BEFORE_004 = _lacking(artists=_THUMBNAILS, videos=_THUMBNAILS)
_BEFORE_INTEGRATIONS = _lacking(artists=_INTEGRATION["artists"], videos=_INTEGRATION["videos"])
_BEFORE_GENRES = _lacking(artists=("genres",), videos=("genres",))
_BEFORE_LIKES = _lacking(videos=("like_count",))
_BEFORE_DISCOVERY = _lacking(artists=("last_discovery",), videos=_DISCOVERY)
_BEFORE_INDEXING = _lacking(videos=("local_path",))
_OLD_URL = _with_columns("videos", "video_url varchar(500)")
_OLD_RIGHTS = _with_columns("users", "is_admin flag = FALSE; force_password_change flag = FALSE")

PLAIN = Variant("plain 0.9.1", NINE)
VARIANTS = (
    PLAIN,
    _variant("columns added by scripts stand at the end", _altered),
    _variant(
        "accounts from create_auth_tables.sql",
        _raw_accounts("timestamp", "READONLY,USER,MANAGER,ADMIN", "users ON DELETE CASCADE"),
    ),
    _variant("accounts from init_auth_database.py", _raw_accounts("datetime", "ADMIN,MANAGER,USER,READONLY", None)),
    _variant(
        "indexes of the optimisation page",
        _with_indexes(
            "artists",
            idx_artist_search_composite=("name", "monitored", "created_at"),
            idx_artist_name_status=("name", "auto_download", "monitored"),
            idx_artist_metadata=("imvdb_id", "spotify_id", "source"),
            idx_artist_lastfm_name=("lastfm_name",),
        ),
        _with_indexes(
            "videos",
            idx_video_search_composite=("title", "artist_id", "status", "year"),
            idx_video_metadata=("duration", "view_count", "like_count", "year"),
            idx_video_artist_status=("artist_id", "status", "created_at"),
        ),
        _with_indexes(
            "downloads",
            idx_download_composite=("artist_id", "status", "created_at"),
            idx_download_status_date=("status", "created_at", "video_id"),
        ),
    ),
    _variant("columns of older versions", _OLD_URL, _OLD_RIGHTS),
    _variant("no MONITORED in the statuses", _with_status(_OLD_STATUS), is_mariadb_only=True),
    _variant("statuses in lower case", _with_status(_OLD_STATUS.lower()), is_mariadb_only=True),
    _variant("before 003 added the priority", _BEFORE_003),
    _variant("before 004 added the facts of pictures", _BEFORE_004),
    _variant("before the integrations", _BEFORE_INTEGRATIONS),
    _variant("before genres", _BEFORE_GENRES),
    _variant("before like counts", _BEFORE_LIKES),
    _variant("before discovery, with video_url", _BEFORE_DISCOVERY, _OLD_URL),
    _variant("before indexing", _BEFORE_INDEXING),
    _variant("no sessions and no playlists", _without_tables("user_sessions", "playlist_monitors")),
    _variant(
        "the table of docker's init.sql",
        lambda shape: {
            **shape,
            "database_status": Table(columns("status varchar(50)!; created_at timestamp = CURRENT_TIMESTAMP")),
        },
    ),
    _variant(
        "as old as it gets",
        _BEFORE_003,
        _BEFORE_004,
        _BEFORE_INTEGRATIONS,
        _BEFORE_GENRES,
        _BEFORE_LIKES,
        _BEFORE_DISCOVERY,
        _BEFORE_INDEXING,
        _OLD_URL,
        _OLD_RIGHTS,
        _with_status(_OLD_STATUS),
        _without_tables("user_sessions", "playlist_monitors"),
    ),
)
"""Each differs from the plain one in one thing, the last in all of them. Rows of settings differ in `nine_rows`."""
