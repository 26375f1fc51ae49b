"""Rows as 0.9, its scripts and its users left them: every quirk that is known, with invented names.

Values are what stands in the column: JSON is text, byte for byte.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]

EARLY = "2023-11-05 01:30:00"
LATE = "2025-07-27 23:59:59"

DEFAULT_PASSWORD_HASH = (
    "scrypt:32768:8:1$Qz7pL0vWn2aYcT4e$a06a02bf709b05f95dab6bb0ab078109f6cc67786daf5b5234ff4c491b15798a"
    "1e55c6e2f6fb116cd006c394c54495bc3d8c45e057090ff649aa11870627498d"
)
"""Of the published password `admin`."""

PASSWORD = "Adopted-Anna1!"
PASSWORD_HASH = "pbkdf2:sha256:1000$h3KxR9dB$45c4d8d557ae82a95f5f6c9dd787e8ea0dfea2aec0e16a4998cb812e97aefa23"

NULL_JSON = "null"
"""What 0.9 stored for an attribute that was set to None. One never set is SQL's NULL."""

ODD_JSON = '{"b": 1,   "a": "\u00e9", "a2": "\\u00e9", "n": 1.0, "big": 12345678901234567890}'
"""Spaces, order, escapes and numbers that no encoder writes like this twice."""

DOUBLE_JSON = '"[\\"AB12CD34\\", \\"EF56GH78\\"]"'
"""JSON text inside JSON, as 0.9 wrote backup codes and the words of playlists."""

MARKUP = '<img src=x onerror=alert(1)> & "Sons" \'; DROP TABLE videos; --'
LONGEST_NAME = "\u00c5" * 255
NAMES = (
    "Plain Name",
    "Twins",
    "Twins",
    "TWINS",
    MARKUP,
    "\U0001f3b8 Guitar \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "Bjo\u0308rk decomposed, Bj\u00f6rk composed",
    "100% \\ under_score\ttab\nnewline",
    LONGEST_NAME,
    "",
)
_SETTINGS = {
    "app_port": "5000",
    "app_host": "0.0.0.0",
    "downloads_path": "data/downloads",
    "music_videos_path": "data/musicvideos",
    "thumbnails_path": "data/thumbnails",
    "metube_host": "localhost",
    "metube_port": "8081",
    "imvdb_api_key": "",
    "youtube_api_key": "",
    "auto_organize_downloads": "true",
    "video_quality_preference": "best",
    "max_concurrent_downloads": "3",
    "enable_notifications": "true",
    "language": "en",
    "debug_mode": "false",
    "require_authentication": "false",
    "auto_download_schedule_enabled": "false",
    "auto_download_schedule_time": "02:00",
    "auto_download_schedule_days": "daily",
    "auto_download_max_videos": "50",
    "spotify_client_id": "",
    "spotify_client_secret": "an-invented-secret",
    "spotify_redirect_uri": "http://127.0.0.1:5000/api/spotify/callback",
    "simple_auth_username": "admin",
    "simple_auth_password": "0" * 64,
}
"""What a fresh 0.9 writes, with a secret filled in."""

_ODD_SETTINGS = {
    "ssl_required": "False",
    "ssl_port": "443",
    "ssl_redirect_permanent": "True",
    "ssl_hsts_enabled": "1",
    "ssl_hsts_max_age": "31536000",
    "youtube_enabled": "yes",
    "spotify_enabled": "on",
    "lidarr_enabled": "0",
    "lidarr_sync_interval": "None",
    "lastfm_username": None,
    "log_level": "",
    "auto_index_organized_videos": "[1, 'a']",
    "a note with spaces and ?": "\U0001f3b8 \u202etext\u202c\n<b>",
    "webhooks_config": '{"endpoints": [{"url": "https://hooks.example/a",  "secret": "hush", "events": []}]}',
    "auth_username": "typed name",
    "auth_password": "typed password",
    "auth_password_confirm": "typed password",
}
"""Text of every kind, and what the settings page saved because an input happened to have a name."""


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row by table, parents first. Ids are given, so that tests can name rows."""
    return {
        "settings": list(_settings()),
        "users": list(_users()),
        "user_sessions": list(_sessions()),
        "artists": list(_artists()),
        "videos": list(_videos()),
        "downloads": list(_downloads()),
        "playlist_monitors": list(_playlists()),
    }


def _settings() -> Iterator[dict[str, Any]]:
    for number, (key, value) in enumerate({**_SETTINGS, **_ODD_SETTINGS}.items(), 1):
        yield {
            "id": number,
            "key": key,
            "value": value,
            "description": None if number % 3 else f"About {key}",
            "created_at": EARLY if number % 2 else None,
            "updated_at": LATE if number % 5 else None,
        }


def _users() -> Iterator[dict[str, Any]]:
    given: dict[str, dict[str, Any]] = {
        "admin": {"email": "admin@localhost", "password_hash": DEFAULT_PASSWORD_HASH, "role": "ADMIN"},
        "anna": {"role": "ADMIN", "backup_codes": DOUBLE_JSON, "preferences": '"{\\"timezone\\": \\"UTC\\"}"'},
        "manager": {"role": "MANAGER", "backup_codes": NULL_JSON, "preferences": ODD_JSON},
        "user": {"role": "USER", "backup_codes": '["AB12CD34"]', "created_at": None, "updated_at": None},
        "readonly": {"role": "READONLY", "preferences": NULL_JSON},
        "nobody": {"role": ""},
        "malformed": {"role": "ADMIN", "password_hash": f"scrypt:32768:8:1$salt$8{'8' * 87}"},
        "locked": {"role": "USER", "locked_until": "2099-01-01 00:00:00", "failed_login_attempts": 5},
        "off": {"role": "USER", "is_active": 0},
    }
    for number, (name, columns) in enumerate(given.items(), 1):
        yield {
            "id": number,
            "username": name,
            "email": f"{name}@example.org",
            "password_hash": PASSWORD_HASH,
            "is_active": 1,
            "is_email_verified": 0,
            "failed_login_attempts": 0,
            "two_factor_enabled": 0,
            "is_admin": int(name == "admin"),
            "force_password_change": 1,
            "created_at": EARLY,
            "updated_at": LATE,
            **columns,
        }


def _sessions() -> Iterator[dict[str, Any]]:
    for number, status in enumerate(("ACTIVE", "EXPIRED", "REVOKED", ""), 1):
        yield {
            "id": number,
            "user_id": 2,
            "session_token": f"{number}-made-up",
            "status": status,
            "ip_address": "192.0.2.1" if number % 2 else None,
            "user_agent": "curl" if number % 2 else None,
            "created_at": EARLY,
            "last_activity": None,
            "expires_at": "2024-01-01 00:00:00",
        }


_ARTIST_JSON: tuple[dict[str, Any], ...] = (
    {"keywords": '["live", "acoustic"]', "genres": '["Rock"]', "imvdb_metadata": ODD_JSON, "thumbnail_metadata": "{}"},
    {"keywords": None, "genres": None, "imvdb_metadata": None, "thumbnail_metadata": None},
    {"keywords": NULL_JSON, "genres": NULL_JSON, "imvdb_metadata": NULL_JSON, "thumbnail_metadata": NULL_JSON},
    {"keywords": DOUBLE_JSON, "genres": DOUBLE_JSON, "imvdb_metadata": '{"plex": {}}', "thumbnail_metadata": ODD_JSON},
    {"keywords": "[]", "genres": "[1, null, {}]", "imvdb_metadata": "[]", "thumbnail_metadata": '""'},
    {"keywords": '["live", 1e999]', "genres": "[-1e999]", "imvdb_metadata": None, "thumbnail_metadata": None},
)


def _artists() -> Iterator[dict[str, Any]]:
    for number, name in enumerate(NAMES, 1):
        yield {
            "id": number,
            "name": name,
            "imvdb_id": str(7000 + number) if number % 2 else None,
            "thumbnail_url": f"/api/artists/{number}/thumbnail" if number % 3 else None,
            "folder_path": "An Old Folder" if number == 1 else None,
            "auto_download": (None, 0, 1)[number % 3],
            "monitored": (1, None, 0)[number % 3],
            "source": "plex_sync" if number % 2 else None,
            "created_at": None if number == 2 else EARLY,
            "updated_at": None if number % 4 == 0 else LATE,
            **_ARTIST_JSON[number % len(_ARTIST_JSON)],
        }


_CREDITS = '[{"position": "Director", "entity_name": "D. Kim",  "entity_slug": "d-kim", "entity_id": 4}]'
_VIDEO_JSON: tuple[dict[str, Any], ...] = (
    {"genres": '["Rock", "Pop"]', "directors": '["D. Kim"]', "producers": "[]", "video_metadata": ODD_JSON},
    {"genres": None, "directors": None, "producers": None, "video_metadata": None, "imvdb_metadata": None},
    {"genres": NULL_JSON, "directors": NULL_JSON, "video_metadata": NULL_JSON, "thumbnail_metadata": NULL_JSON},
    {"genres": DOUBLE_JSON, "directors": _CREDITS, "producers": _CREDITS, "imvdb_metadata": ODD_JSON},
    {"genres": '{"0": "Rock"}', "directors": '"one name"', "video_metadata": "[]", "imvdb_metadata": "7"},
)
_STATUSES = ("WANTED", "DOWNLOADING", "DOWNLOADED", "IGNORED", "FAILED", "MONITORED", None, "")


def _videos() -> Iterator[dict[str, Any]]:
    titles = (*NAMES, "T" * 500, "A Last One", "Its Twin", "a last one", "Nothing Known")
    for number, title in enumerate(titles, 1):
        yield {
            "id": number,
            "artist_id": (number - 1) % len(NAMES) + 1,
            "title": title,
            "imvdb_id": f"9{number:05}" if number % 2 else None,
            "youtube_id": "the-same-id" if number % 2 else None,
            "video_url": f"https://video.example/old/{number}" if number % 2 else None,
            "url": None if number % 3 else f"https://video.example/{number}",
            "local_path": f"data/musicvideos/gone/{number}.mp4" if number % 4 == 0 else None,
            "duration": (None, 0, -5, 2**31 - 1)[number % 4],
            "year": (None, 0, -5, 1999)[number % 4],
            "view_count": 2**31 - 1,
            "release_date": EARLY,
            "description": "\u202eup\u202c \0" if number == 3 else None,
            "status": _STATUSES[number % len(_STATUSES)],
            "created_at": None if number % 5 == 0 else EARLY,
            "updated_at": None if number % 7 == 0 else LATE,
            **_VIDEO_JSON[number % len(_VIDEO_JSON)],
        }


def _downloads() -> Iterator[dict[str, Any]]:
    for number, status in enumerate(("pending", "completed", "downloading", "failed", "paused", None, "odd"), 1):
        yield {
            "id": number,
            "artist_id": number,
            "video_id": None if number == 1 else number,
            "title": NAMES[number],
            "original_url": "local_file",
            "file_size": 2**31 - 1,
            "status": status,
            "priority": (None, 5, 99)[number % 3],
            "progress": 0,
            "download_metadata": (None, NULL_JSON, ODD_JSON)[number % 3],
            "created_at": EARLY if number % 2 else None,
        }


def _playlists() -> Iterator[dict[str, Any]]:
    for number, keywords in enumerate((DOUBLE_JSON, NULL_JSON, None, '"[]"', '["real"]'), 1):
        yield {
            "id": number,
            "playlist_id": f"PL{number}",
            "playlist_url": "https://www.youtube.com/playlist?list=x",
            "name": NAMES[number],
            "auto_download": (None, 0, 1)[number % 3],
            "keywords": keywords,
            "last_check": LATE if number % 2 else None,
            "created_at": EARLY,
        }
