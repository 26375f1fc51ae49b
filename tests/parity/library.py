"""A library in the shape of 0.9's, full of what hurts: for a clone of the project that has no recorded answers."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import (
    WRITES,
    Artist,
    Download,
    PlaylistMonitor,
    RefreshToken,
    SessionStatus,
    Setting,
    User,
    UserRole,
    UserSession,
    Video,
    VideoStatus,
)
from fastapi_app.schema import upgrade
from tests.parity.pictures import transparent

SECRET = "a-key-that-only-these-tests-know"
PASSWORD = "Correct-Horse1!"
_HASH = "$2b$04$abcdefghijklmnopqrstuuUHlL6c7X.LiopPFLJk13494ptuUCrI2"
FACTOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The secret of everybody's second factor; `ask.CODE` stands for its present code."""
REFRESHED, REFRESH_ID = 5, "an id that only these tests know"
"""A login of anna's that has a refresh token, and that token's id."""
LOGINS = {name: f"{name}-".ljust(43, "x") for name in ("twofold", "pending")}
"""Tokens of logins that are in the library."""
_DEFAULT_HASH = "$2b$04$zyxwvutsrqponmlkjihgfeItbunIdYJL/Ojn4ip1oTRt/lZwhH4oG"
"""Of `admin`, the password that 0.9 shipped with."""
CREATED = datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC).replace(tzinfo=None)
NAMES = (
    "Nova Kestrel",
    "Björk Ågren",
    "bjork agren",
    "100% Pure",
    "50_50",
    "Back\\Slash",
    "D'Angela O'Neill",
    '"Odd" Al',
    "宇宙バンド",
    "فرقة القمر",
    "🎤 Sing Along",
    "🔥🔥🔥",
    "Straße 9",
    "  Padded  ",
    "tab\tinside",
    "<b>Bold</b> & <script>alert(1)</script>",
    "x" * 255,
    "Zero\u200bWidth",
    "Bjo\u0308rk Composed",
    "Trailing ",
)
TITLES = ("Glass Harbor", "Love (Remix)", "100% Rain", "under_score", "日本の歌", "Déjà Vu", "new\nline", "🎸")
FILM = bytes(range(256)) * 40
MTIME = 1_700_000_000.25
NOBODY = "http://127.0.0.1:9"
"""Where IMVDb is for these tests: nothing listens there, so a key in the settings reaches no one."""


@dataclass(frozen=True)
class Library:
    """An installation: its configuration, and the environment that tells a server of it."""

    config: Config
    environment: dict[str, str]


def make_library(folder: Path, database_url: str = "", *, gate: str = "false") -> Library:
    """The same rows and files every time. `folder` is emptied first, so that paths are the same, too."""
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    url = database_url or URL.create("sqlite", database=str(data / "mvidarr.db")).render_as_string()
    config = Config(
        data_dir=data, database_url=url, secret_key=SECRET, imvdb_url=NOBODY, imvdb_interval=0, youtube_url=NOBODY
    )
    engine = blocking_engine(config)
    upgrade(engine)
    _fill(engine, gate)
    engine.dispose()
    _write_files(data)
    environment = {
        "MVIDARR_DATA_DIR": str(data),
        "MVIDARR_DATABASE_URL": url,
        "MVIDARR_SECRET_KEY": SECRET,
        "MVIDARR_LOG_LEVEL": "ERROR",
        "MVIDARR_IMVDB_URL": NOBODY,
        "MVIDARR_YOUTUBE_URL": NOBODY,
        "MVIDARR_IMVDB_INTERVAL": "0",
    }
    return Library(config, environment)


def _fill(engine: Engine, gate: str) -> None:
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add_all(_settings(gate))
        session.add_all(_users())
        session.flush()
        session.add_all(_artists())
        session.flush()
        session.add_all(_videos())
        session.flush()
        session.add_all(_downloads())
        session.add_all(_sessions())
        session.flush()
        session.add(_refresh_token())
        session.add(PlaylistMonitor(id=1, playlist_id="PL1", playlist_url="u", name="p", **_dated(1)))


def _settings(gate: str) -> list[Setting]:
    values: dict[str, str | None] = {
        "require_authentication": gate,
        "app_port": "5000",
        "null_value": None,
        "empty_value": "",
        "custom.note": "Ünïcödé ✓ 日本 'single' \"double\" \\ % _ <b>",
        "imvdb_api_key": "do-not-show",
        "spotify_client_secret": "",
        "simple_auth_username": "admin",
        "webhooks_config": '{"endpoints": [{"url": "http://127.0.0.1:9/h", "secret": "do-not-show"}]}',
        "Key With Space": "v",
    }
    return [
        Setting(id=number, key=key, value=value, description=None if number % 2 else "what it is", **_dated(number))
        for number, (key, value) in enumerate(values.items(), 1)
    ]


def _users() -> list[User]:
    names: dict[str, dict[str, Any]] = {
        "root": {"role": UserRole.ADMIN},
        "manager": {"role": UserRole.MANAGER},
        "anna": {"role": UserRole.USER},
        "reader": {"role": UserRole.READONLY},
        "locked": {"locked_until": CREATED.replace(year=2099)},
        "retired": {"is_active": False},
        "forgetful": {"failed_login_attempts": 2},
        "admin": {"role": UserRole.ADMIN, "password_hash": _DEFAULT_HASH},
        "twofold": {"two_factor_secret": FACTOR, "two_factor_enabled": True, "backup_codes": ["ABCD2345", "EFGH2345"]},
        "pending": {"two_factor_secret": FACTOR},
        "twice": {"two_factor_secret": FACTOR, "two_factor_enabled": True, "backup_codes": '["ABCD2345"]'},
    }
    return [
        User(
            **{
                "id": number,
                "username": name,
                "email": f"{name}@example.org",
                "password_hash": _HASH,
                "role": UserRole.USER,
                "is_active": True,
                "password_changed_at": CREATED,
                **_dated(number),
                **columns,
            }
        )
        for number, (name, columns) in enumerate(names.items(), 1)
    ]


def _artists() -> list[Artist]:
    return [
        Artist(
            id=number,
            name=name,
            imvdb_id=str(70_000 + number) if number % 3 == 0 else None,
            thumbnail_url="http://images.example/a.jpg" if number % 4 == 0 else None,
            thumbnail_path=f"data/thumbnails/artists/{number}.jpg" if number % 5 == 0 else None,
            keywords=([], ["live", "日本"], None, "text")[number % 4],
            genres=[None, ["Rock"], []][number % 3],
            monitored=number % 2 == 0,
            auto_download=None if number == 7 else number % 3 == 1,
            folder_path="x/y" if number == 2 else None,
            **_dated(number),
        )
        for number, name in enumerate(NAMES, 1)
    ]


def _videos() -> list[Video]:
    statuses = [*VideoStatus, None]
    rows = [
        Video(
            id=number,
            artist_id=1 + number % (len(NAMES) - 2),
            title=f"{TITLES[number % len(TITLES)]} {number}",
            year=1970 + number if number % 9 else None,
            duration=number * 10 if number % 5 else None,
            imvdb_id=str(880_000 + number) if number % 4 == 0 else None,
            url=f"http://example.org/{number}" if number % 3 == 0 else None,
            genres=(None, [], ["Rock", "Pop"], "text", {"a": 1})[number % 5],
            playlist_id="PL1" if number % 3 == 0 else None,
            status=statuses[number % len(statuses)],
            **_dated(number),
        )
        for number in range(1, 61)
    ]
    for number, stored in FILES.items():
        rows[number - 1].local_path = stored
        rows[number - 1].status = VideoStatus.FAILED if number == 19 else VideoStatus.DOWNLOADED
    for number, stored in PICTURES.items():
        rows[number - 1].thumbnail_path = stored
    return rows


FILES = {
    1: "data/musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4",
    2: "/app/data/musicvideos/Björk Ågren/Déjà Vu 100%.webm",
    3: "data/musicvideos/x/empty.mov",
    4: "data/musicvideos/x/film.mkv",
    5: "data/musicvideos/x/unknown.kind",
    6: 'data/musicvideos/x/new\nline "quoted".mp4',
    10: "/etc/passwd",
    11: "data/../../../etc/passwd",
    12: "data/mvidarr.db",
    13: "data/musicvideos/x/link.mp4",
    14: "data/musicvideos/x",
    15: "data/musicvideos/gone/a.mp4",
    16: "data/unmounted/a.mp4",
    17: "",
    18: "musicvideos/x/empty.mov",
    19: "data/musicvideos/gone/failed.mp4",
    20: "data/musicvideos/宇宙バンド/星の歌.mp4",
    21: "data/musicvideos/x/move me.mp4",
    22: "data/musicvideos/y/clash.mp4",
    23: "data/musicvideos/x/vanished.mp4",
}
PICTURES = {
    1: "data/thumbnails/videos/a.jpg",
    2: "/app/data/thumbnails/videos/b.png",
    3: "data/thumbnails/none.jpg",
    4: "/etc/passwd",
}


def _downloads() -> list[Download]:
    return [
        Download(
            id=number,
            artist_id=number,
            video_id=number if number % 2 else None,
            title="d",
            original_url="u",
            **_dated(number),
        )
        for number in range(1, 6)
    ]


def _sessions() -> list[UserSession]:
    return [
        UserSession(
            id=1,
            user_id=1,
            session_token="x" * 43,
            status=SessionStatus.EXPIRED,
            created_at=CREATED,
            last_activity=CREATED,
            expires_at=CREATED,
        ),
        *(
            UserSession(
                id=row_id,
                user_id=user_id,
                session_token=token,
                status=SessionStatus.ACTIVE,
                created_at=CREATED,
                last_activity=CREATED,
                expires_at=CREATED.replace(year=2099),
            )
            for row_id, user_id, token in (
                (2, 9, LOGINS["twofold"]),
                (3, 10, LOGINS["pending"]),
                (4, 9, "y" * 43),
                (REFRESHED, 3, "z" * 43),
            )
        ),
    ]


def _refresh_token() -> RefreshToken:
    """What anna may exchange for tokens."""
    kept = sha256(REFRESH_ID.encode()).hexdigest()
    until = CREATED.replace(year=2099)
    return RefreshToken(id=1, session_id=REFRESHED, token_hash=kept, created_at=CREATED, expires_at=until)


def _dated(number: int) -> dict[str, datetime]:
    moment = CREATED + timedelta(hours=number)
    return {"created_at": moment, "updated_at": moment}


def _write_files(data: Path) -> None:
    contents = {
        "musicvideos/Nova Kestrel/Nova Kestrel - Glass Harbor.mp4": FILM,
        "musicvideos/Björk Ågren/Déjà Vu 100%.webm": FILM[:1000],
        "musicvideos/宇宙バンド/星の歌.mp4": FILM[:500],
        "musicvideos/x/empty.mov": b"",
        "musicvideos/x/unknown.kind": FILM[:99],
        'musicvideos/x/new\nline "quoted".mp4': FILM[:10],
        "musicvideos/x/move me.mp4": b"move me",
        "musicvideos/y/clash.mp4": b"clash",
        "musicvideos/Nova Kestrel/Nova Kestrel - Taken.mp4": b"taken",
        "downloads/Nova Kestrel - Paper Moon (Official Video).mp4": b"paper moon",
        "downloads/deep/Somebody New - A Song [1080p].mkv": b"a song",
        "downloads/unsorted_clip.mp4": b"unsorted",
        "thumbnails/videos/a.jpg": b"\xff\xd8 a picture",
        "thumbnails/videos/b.png": b"\x89PNG a picture",
        "thumbnails/artists/5.jpg": b"\xff\xd8 an artist",
        "thumbnails/artists/10.jpg": transparent(),
    }
    for name, content in contents.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (data / "musicvideos/x/link.mp4").symlink_to("/etc/passwd")
    source = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=0.4"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, str(data / "musicvideos/x/film.mkv")], check=True)
    for path in data.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix not in (".db", ".db-wal", ".db-shm"):
            os.utime(path, (MTIME, MTIME))
