"""The tables of MVidarr 0.9 as its own code made them, in words of our own, and as statements for both databases.

0.9 knew MariaDB only. On SQLite they have the collations with which `mvidarr db copy` makes them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_COLUMN = re.compile(r"(?P<name>\w+) (?P<kind>\w+)(?:\((?P<inside>[^)]*)\))?(?P<required>!)?(?: = (?P<default>.+))?")
_MARIADB = {"int": "int(11)", "flag": "tinyint(1)", "timestamp": "timestamp NULL"}
_SQLITE = {"int": "INTEGER", "flag": "BOOLEAN", "datetime": "DATETIME", "timestamp": "DATETIME", "json": "JSON"}
_ORDERS = {"ADMIN": "user_role", "ACTIVE": "session_status"}
_OPTIONS = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"


@dataclass(frozen=True)
class Column:
    """One column. `inside` is what stands in the parentheses: a length, or the names of an ENUM."""

    name: str
    kind: str
    inside: str = ""
    required: bool = False
    default: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        """From `name kind(inside)! = default`."""
        found = _COLUMN.fullmatch(text.strip())
        assert found, text
        return cls(found["name"], found["kind"], found["inside"] or "", bool(found["required"]), found["default"] or "")

    def statement(self, *, sqlite: bool) -> str:
        required = " NOT NULL" if self.required else ""
        default = self.default.partition(" ON UPDATE")[0] if sqlite else self.default
        return f"`{self.name}` {self._type(sqlite=sqlite)}{required}{f' DEFAULT {default}' if default else ''}"

    def _type(self, *, sqlite: bool) -> str:
        if self.kind == "enum":
            names = self.inside.split(",")
            order = next((order for member, order in _ORDERS.items() if member in names), "video_status")
            return f"VARCHAR(11) COLLATE {order}" if sqlite else f"enum({','.join(map(repr, names))})"
        kind = (_SQLITE if sqlite else _MARIADB).get(self.kind, self.kind)
        collation = " COLLATE unicode_ci" if sqlite and self.kind in ("varchar", "text") else ""
        return f"{kind}({self.inside}){collation}" if self.inside else kind + collation


@dataclass(frozen=True)
class Table:
    """One table. Its first column is an `id` that counts by itself."""

    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    indexes: Mapping[str, tuple[str, ...]] | None = None
    references: Mapping[str, str] | None = None
    """Columns that point at another table's id: the table, and whatever follows it in the statement."""

    def statements(self, name: str, *, sqlite: bool) -> list[str]:
        """CREATE TABLE; on SQLite then CREATE INDEX, which MariaDB takes in one."""
        indexes = self.indexes or {}
        lines = ["`id` INTEGER PRIMARY KEY" if sqlite else "`id` int(11) NOT NULL AUTO_INCREMENT PRIMARY KEY"]
        lines += [column.statement(sqlite=sqlite) for column in self.columns]
        lines += [f"UNIQUE (`{column}`)" if sqlite else f"UNIQUE KEY `{column}` (`{column}`)" for column in self.unique]
        lines += [f"KEY `{index}` ({_listed(on)})" for index, on in ({} if sqlite else indexes).items()]
        for number, (column, target) in enumerate((self.references or {}).items(), 1):
            table, _, rest = target.partition(" ")
            lines.append(
                f"CONSTRAINT `{name}_ibfk_{number}` FOREIGN KEY (`{column}`) REFERENCES `{table}` (`id`) {rest}".strip()
            )
        body = ", ".join(lines)
        made = f"CREATE TABLE `{name}` ({body}){'' if sqlite else f' {_OPTIONS}'}"
        if not sqlite:
            return [made]
        return [made, *(f"CREATE INDEX `{index}` ON `{name}` ({_listed(on)})" for index, on in indexes.items())]


Shape = Mapping[str, Table]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def columns(text: str) -> tuple[Column, ...]:
    """Columns separated by semicolons, as `Column.read` takes them."""
    return tuple(Column.read(part) for part in text.replace("\n", " ").split(";") if part.strip())


def _indexes(prefix: str, *names: str) -> dict[str, tuple[str, ...]]:
    """`idx_<prefix>_<column>` on each of these columns."""
    return {f"idx_{prefix}_{name}": (name,) for name in names}


_USER_END = """
    locked_until datetime; last_login datetime; last_login_ip varchar(45); password_changed_at datetime;
    email_verification_token varchar(255); password_reset_token varchar(255); password_reset_expires datetime;
    two_factor_secret varchar(32); two_factor_enabled flag!{false}; backup_codes json; preferences json;
    created_at {created}; updated_at {updated}"""
_USER = """
    username varchar(80)!; email varchar(120)!; password_hash varchar(255)!; role enum({roles})!{role};
    is_active flag!{true}; is_email_verified flag!{false}; failed_login_attempts int!{false};"""
_SESSION = """
    user_id int!; session_token varchar(255)!; status enum(ACTIVE,EXPIRED,REVOKED)!{active}; ip_address varchar(45);
    user_agent text; created_at {created}; last_activity {updated}; expires_at datetime!"""

_BY_MODELS = {"created": "datetime", "updated": "datetime", "true": "", "false": "", "role": "", "active": ""}


def users(roles: str = "ADMIN,MANAGER,USER,READONLY", **defaults: str) -> tuple[Column, ...]:
    """The columns of `users`; `defaults` are those that hand-made tables have in the server."""
    return columns((_USER + _USER_END).format(**{**_BY_MODELS, "roles": roles, **defaults}))


def user_sessions(**defaults: str) -> tuple[Column, ...]:
    """The columns of `user_sessions`."""
    return columns(_SESSION.format(**{**_BY_MODELS, **defaults}))


NINE: Shape = {
    "settings": Table(
        columns("key varchar(255)!; value text; description text; created_at datetime; updated_at datetime"), ("key",)
    ),
    "users": Table(users(), ("email", "username")),
    "user_sessions": Table(user_sessions(), ("session_token",), references={"user_id": "users"}),
    "artists": Table(
        columns("""
        name varchar(255)!; imvdb_id varchar(100); spotify_id varchar(100); lastfm_name varchar(255);
        thumbnail_url varchar(500); thumbnail_path varchar(500); thumbnail_source varchar(50); thumbnail_metadata json;
        thumbnail_uploaded_at datetime; auto_download flag; keywords json; folder_path varchar(500);
        imvdb_metadata json; genres json; monitored flag; source varchar(50); last_discovery datetime;
        created_at datetime; updated_at datetime"""),
        ("imvdb_id",),
        _indexes("artist", "imvdb_id", "monitored", "name", "source", "spotify_id"),
    ),
    "videos": Table(
        columns("""
        artist_id int!; title varchar(500)!; imvdb_id varchar(100); youtube_id varchar(100); youtube_url varchar(500);
        url varchar(500); playlist_id varchar(100); playlist_position int; source varchar(50);
        thumbnail_url varchar(500); thumbnail_path varchar(500); thumbnail_source varchar(50); thumbnail_metadata json;
        thumbnail_uploaded_at datetime; local_path varchar(500); duration int; year int; release_date datetime;
        description text; view_count int; like_count int; genres json; directors json; producers json;
        status enum(WANTED,DOWNLOADING,DOWNLOADED,IGNORED,FAILED,MONITORED); quality varchar(50); video_metadata json;
        imvdb_metadata json; search_keywords text; discovered_date datetime; created_at datetime; updated_at datetime
        """),
        ("imvdb_id",),
        _indexes("video", "artist_id", "imvdb_id", "playlist_id", "source", "status", "title", "youtube_id"),
        {"artist_id": "artists"},
    ),
    "downloads": Table(
        columns("""
        artist_id int!; video_id int; title varchar(500)!; original_url varchar(500)!; file_path varchar(500);
        file_size int; download_date datetime; metube_id varchar(100); status varchar(50); priority int; progress int;
        error_message text; quality varchar(50); format varchar(50); download_metadata json; created_at datetime;
        updated_at datetime"""),
        (),
        {
            **_indexes("download", "artist_id", "metube_id", "priority", "status", "video_id"),
            "idx_download_date": ("download_date",),
            "idx_download_priority_status": ("priority", "status"),
        },
        {"artist_id": "artists", "video_id": "videos"},
    ),
    "task_queue": Table(
        columns("""
        task_type varchar(100)!; task_data json; status varchar(50); priority int; attempts int; max_attempts int;
        error_message text; created_at datetime; started_at datetime; completed_at datetime"""),
        (),
        {**_indexes("task", "created_at", "priority", "status"), "idx_task_type": ("task_type",)},
    ),
    "playlist_monitors": Table(
        columns("""
        playlist_id varchar(100)!; playlist_url varchar(500)!; name varchar(255)!; channel_title varchar(255);
        channel_id varchar(100); auto_download flag; quality varchar(50); keywords json; last_check datetime;
        last_video_count int; created_at datetime; updated_at datetime"""),
        ("playlist_id",),
        {**_indexes("playlist", "auto_download", "channel_id", "last_check"), "idx_playlist_id": ("playlist_id",)},
    ),
}
"""Parents before children."""
