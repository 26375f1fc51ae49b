"""The routes of identity move back and forth under fifty people who are at work, and nobody is anybody else."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fastapi_app.models import UserRole
from legacy_flask.front_door import create_store
from migration_flags import Change, FlagStore, Stage
from tests.identity.people import PASSWORD, add, user
from tests.parity.library import make_library
from tests.servers.web import serving

pytestmark = pytest.mark.anyio

PEOPLE = 50
SECONDS = 15.0
THINKS = 0.08
KEYS = (
    "POST /auth/login",
    "POST /simple-login",
    "POST /auth/token",
    "POST /auth/refresh",
    "GET /auth/check",
    "GET /auth/me",
    "GET /auth/status",
    "GET /api/artists/",
)
ROLES = (UserRole.READONLY, UserRole.USER, UserRole.MANAGER, UserRole.ADMIN)


@dataclass
class Person:
    """One of fifty: some carry a cookie for a day, some one for the browser, some tokens."""

    number: int
    client: httpx2.AsyncClient
    sides: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    refresh_token: str = ""

    @property
    def name(self) -> str:
        return f"person{self.number}"

    @property
    def carries(self) -> str:
        return ("day", "browser", "token")[self.number % 3]

    async def log_in(self) -> None:
        door = "/simple-login" if self.carries == "day" else "/auth/login"
        answer = await self.client.post(door, json={"username": self.name, "password": PASSWORD})
        self._note(answer, 200)
        if self.carries == "token":
            self._keep(await self.client.post("/auth/token", json={}))
            self.client.cookies.clear()

    async def work(self, until: float, chosen: random.Random) -> None:
        asks = (self._check, self._me, self._read, self._status, self._renew)
        while time.monotonic() < until:
            await chosen.choice(asks)()
            await asyncio.sleep(chosen.uniform(0, 2 * THINKS))

    async def _check(self) -> None:
        self._is_me(await self.client.get("/auth/check"))

    async def _me(self) -> None:
        self._is_me(await self.client.get("/auth/me"))

    async def _status(self) -> None:
        self._is_me(await self.client.get("/auth/status"))

    async def _read(self) -> None:
        self._note(await self.client.get("/api/artists/"), 200)

    async def _renew(self) -> None:
        """Only those with tokens, and not often: the others look again who they are."""
        if self.carries == "token":
            self._keep(await self.client.post("/auth/refresh", json={"refresh_token": self.refresh_token}))
        else:
            await self._check()

    def _keep(self, answer: httpx2.Response) -> None:
        self._note(answer, 200)
        if answer.status_code == 200:
            self.refresh_token = answer.json()["refresh_token"]
            self.client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def _is_me(self, answer: httpx2.Response) -> None:
        self._note(answer, 200)
        told: dict[str, Any] = answer.json().get("user") or {}
        if told.get("username") != self.name or told.get("role") != ROLES[self.number % len(ROLES)]:
            self.wrong.append(f"{answer.request.url.path} told {self.name} that it is {told.get('username')}")

    def _note(self, answer: httpx2.Response, expected: int) -> None:
        self.sides[answer.headers["x-served-by"]] += 1
        if answer.status_code != expected:
            self.wrong.append(f"{answer.request.url.path} answered {answer.status_code} to {self.name}")


async def flip(store: FlagStore, until: float, chosen: random.Random) -> int:
    """Moves a random half of the routes to each side, again and again. Returns how often."""
    count = 0
    while time.monotonic() < until:
        halves = [Change(key, chosen.choice((Stage.LEGACY, Stage.MODERN))) for key in KEYS]
        await asyncio.to_thread(store.apply, halves, actor="a test", reason="back and forth")
        await asyncio.sleep(0.3)
        count += 1
    return count


@pytest.mark.long
async def test_fifty_people_at_work_stay_themselves(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library", gate="true")
    rows = [user(f"person{number}", ROLES[number % len(ROLES)]) for number in range(PEOPLE)]
    await asyncio.to_thread(add, library.config, *rows)
    chosen = random.Random(6)
    store = create_store(library.config)
    with serving("legacy_flask.asgi:app", library.environment, tmp_path) as web:
        clients = [httpx2.AsyncClient(base_url=web.base, timeout=30) for _ in range(PEOPLE)]
        people = [Person(number, client) for number, client in enumerate(clients)]
        # Logins take long on purpose, and more at once than the server compares are told to come back.
        for some in range(0, PEOPLE, 5):
            await asyncio.gather(*(person.log_in() for person in people[some : some + 5]))
        until = time.monotonic() + SECONDS
        moving = asyncio.create_task(flip(store, until, chosen))
        await asyncio.gather(*(one.work(until, chosen) for one in people))
        flips = await moving
        for client in clients:
            await client.aclose()
    store.close()

    assert [wrong for person in people for wrong in person.wrong] == []
    answered = sum((person.sides for person in people), Counter())
    assert answered["legacy"] > PEOPLE
    assert answered["modern"] > PEOPLE
    assert flips > 5
