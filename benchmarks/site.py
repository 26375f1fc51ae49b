"""Equal libraries for the contenders, on real databases, with a film, a picture and somebody who can log in."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image
from sqlalchemy import update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from benchmarks.delaying import delayed
from benchmarks.library import fill
from benchmarks.mixes import Library, Plan
from benchmarks.sides import environment
from benchmarks.toys.door import changes
from fastapi_app.auth.passwords import hash_password
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, User, UserRole, Video, VideoStatus
from legacy_flask.front_door import build, create_store
from router import Owner
from tests.servers.mariadb import DEFAULT_BUFFERS, start_mariadb
from tests.servers.redis import start_redis

NAME, PASSWORD = "bench", "Measure-Nothing-Else-1!"
FILM = 8 * 2**20
STAGES = ("legacy", "modern", "mixed")
ALONE = "legacy"
"""Whose library they use who have no stage: they read no flag."""

_KEY = "a-key-for-measuring-and-nothing-else"
_STORED = "data/musicvideos/film.mp4"


@dataclass(frozen=True)
class Place:
    """A database of one kind and size, so many milliseconds away; ``is_further``: through the proxy, also at 0."""

    database: str
    size: Library
    delay: float = 0.0
    is_further: bool = False


@contextmanager
def libraries(place: Place, plan: Plan, shelf: Path, folder: Path) -> Iterator[dict[str, dict[str, str]]]:
    """By stage, what makes a server find its library. Flags live in the database, so each stage has its own.

    Libraries of one kind and size are filled once, kept on the ``shelf``, and copied into ``folder``.
    """
    filled = shelf / f"{place.database}-{place.size.artists}-{place.size.videos}"
    if not filled.exists():
        _fill(place, filled)
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    with ExitStack() as servers:
        redis = servers.enter_context(start_redis(folder / "redis"))
        configs = servers.enter_context(_configs(place, folder, fresh=False))
        found = {stage: _told(_further(one, place, plan, servers), plan, redis.url) for stage, one in configs.items()}
        yield {"": found[ALONE], **found}


def logins(base: str) -> dict[str, Mapping[str, str]]:
    """The headers of somebody who is logged in, by kind of login."""
    with httpx.Client(base_url=base, timeout=30) as http:
        http.post("/auth/login", json={"username": NAME, "password": PASSWORD}).raise_for_status()
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        token = http.post("/auth/token", json={}).raise_for_status().json()["access_token"]
    return {"cookie": {"Cookie": cookie}, "bearer": {"Authorization": f"Bearer {token}"}}


def picture(width: int = 1280, height: int = 720) -> bytes:
    """A PNG with something to compress."""
    gradient = Image.linear_gradient("L").resize((width, height))
    file = BytesIO()
    Image.merge("RGB", (gradient, gradient.rotate(90), gradient.rotate(180))).save(file, "PNG")
    return file.getvalue()


@contextmanager
def _configs(place: Place, folder: Path, *, fresh: bool) -> Iterator[dict[str, Config]]:
    """By stage, the libraries in a folder, with a running MariaDB where they need one. ``fresh``: they are made."""

    def config(stage: str, url: str = "") -> Config:
        data = folder / f"library-{stage}"
        return Config(data_dir=data, database_url=url or f"sqlite:///{data / 'mvidarr.db'}", secret_key=_KEY)

    if place.database != "mariadb":
        yield {stage: config(stage) for stage in STAGES}
        return
    folder.mkdir(parents=True, exist_ok=True)
    with start_mariadb(folder / "mariadb", buffers=DEFAULT_BUFFERS) as mariadb:
        url = mariadb.create_database if fresh else mariadb.url
        yield {stage: config(stage, url(f"bench_{stage}")) for stage in STAGES}


def _fill(place: Place, filled: Path) -> None:
    """Equal libraries, one for each stage; there are all of them or none."""
    new = filled.with_suffix(".new")
    with _configs(place, new, fresh=True) as configs:
        first, *others = configs.values()
        _furnish(first, place.size)
        for one in others:
            if place.database == "sqlite":
                shutil.copytree(first.data_dir, one.data_dir)
            else:
                _furnish(one, place.size)
        keys = [row.key for row in build(first).table if row.owner is Owner.BOTH]
        for stage, config in configs.items():
            store = create_store(config)
            store.apply(changes(keys, stage), actor="benchmark", reason=stage)
            store.close()
    new.rename(filled)


def _furnish(config: Config, size: Library) -> None:
    fill(config, size.artists, size.videos)
    film = config.data_dir / "musicvideos" / "film.mp4"
    film.parent.mkdir(parents=True, exist_ok=True)
    film.write_bytes(bytes(range(256)) * (FILM // 256))
    engine = blocking_engine(config)
    account = User(
        username=NAME,
        email=f"{NAME}@example.org",
        password_hash=hash_password(PASSWORD),
        role=UserRole.ADMIN,
        is_active=True,
        failed_login_attempts=0,
    )
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add(account)
        played = {"local_path": _STORED, "status": VideoStatus.DOWNLOADED}
        session.execute(update(Video).where(Video.id == 1).values(**played))
    engine.dispose()


def _further(config: Config, place: Place, plan: Plan, servers: ExitStack) -> Config:
    if not place.is_further:
        return config
    url = make_url(config.database_url)
    port = servers.enter_context(delayed(url.port or 3306, place.delay, plan.load_core))
    address = url.set(port=port).render_as_string(hide_password=False)
    return Config(data_dir=config.data_dir, database_url=address, secret_key=_KEY)


def _told(config: Config, plan: Plan, redis_url: str) -> dict[str, str]:
    return {
        **environment(config),
        "MVIDARR_REDIS_URL": redis_url,
        "MVIDARR_DATABASE_POOL_SIZE": str(plan.pool),
        "MVIDARR_DATABASE_POOL_OVERFLOW": str(plan.overflow),
        "MVIDARR_FLOOD_LIMIT": "0",  # everything comes from one address
    }
