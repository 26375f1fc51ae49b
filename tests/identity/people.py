"""Accounts for the tests, written as rows, and what they send."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import bcrypt
from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Base, User, UserRole
from tests.legacy_flask.hybrid import Hybrid

PASSWORD = "Correct-Horse1!"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
JSON = {"content-type": "application/json"}


def user(name: str, role: UserRole = UserRole.USER, **columns: Any) -> User:
    given = {"username": name, "email": f"{name}@example.org", "password_hash": HASH, "role": role, "is_active": True}
    return User(**{**given, **columns})


def add(config: Config, *rows: Base) -> None:
    _write(config, rows, ())


def change(config: Config, name: str, **columns: Any) -> None:
    """Changes a user's row, as another process would."""
    _write(config, (), (update(User).where(User.username == name).values(**columns),))


async def later(work: Any, *arguments: Any, **named: Any) -> Any:
    """Blocking work, beside the event loop."""
    return await asyncio.to_thread(work, *arguments, **named)


async def sent(hybrid: Hybrid, method: str, path: str, headers: Mapping[str, str], body: object = None) -> Any:
    """The answer to a JSON request."""
    content = b"" if body is None else json.dumps(body).encode()
    return await hybrid.ask(method, path, headers={**JSON, **headers}, body=content)


def _write(config: Config, rows: tuple[Base, ...], statements: tuple[Update, ...]) -> None:
    engine = blocking_engine(config)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add_all(rows)
        for statement in statements:
            session.execute(statement)
    engine.dispose()
