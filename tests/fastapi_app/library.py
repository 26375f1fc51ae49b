"""Rows for tests."""

from datetime import datetime
from typing import Any

from fastapi_app.auth.passwords import hash_password
from fastapi_app.models import Artist, User, UserRole, Video, VideoStatus
from tests.fastapi_app.conftest import Client

PASSWORD = "Correct-Horse1!"
PASSWORD_HASH = hash_password(PASSWORD, rounds=4)
CREATED = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - columns are naive, and mean UTC


def artist(row_id: int = 1, name: str = "Nova Kestrel", **columns: Any) -> Artist:
    return Artist(**{"id": row_id, "name": name, "created_at": CREATED, "updated_at": CREATED, **columns})


def video(row_id: int = 1, title: str = "Glass Harbor", artist_id: int = 1, **columns: Any) -> Video:
    given = {"id": row_id, "title": title, "artist_id": artist_id, "created_at": CREATED, "updated_at": CREATED}
    return Video(**{**given, "status": VideoStatus.WANTED, **columns})


def user(row_id: int = 1, name: str = "anna", role: UserRole | None = UserRole.USER, **columns: Any) -> User:
    given = {"id": row_id, "username": name, "email": f"{name}@example.org", "password_hash": PASSWORD_HASH}
    return User(**{**given, "role": role, "is_active": True, "failed_login_attempts": 0, **columns})


async def log_in(client: Client, name: str = "anna", password: str = PASSWORD) -> None:
    answer = await client.post("/auth/login", json={"username": name, "password": password})
    assert answer.status_code == 200, answer.text
