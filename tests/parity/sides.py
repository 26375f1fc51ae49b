"""Both sides of one library in this process, put back to where they began before every example."""

import asyncio
import random
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from fastapi_app.models.collation import sort_key
from legacy_flask.front_door import build
from migration_flags import Stage
from router.comparison.answer import Answer
from router.comparison.compare import compare
from router.comparison.differing import differing
from router.comparison.mismatch import Mismatch
from router.comparison.rules import Rules
from router.comparison.waiver import read_waivers, unwaived
from router.lifespan import Lifespan
from router.parity.client import Client
from router.types import Headers
from tests.parity.ask import Ask, send
from tests.parity.copy import DATABASE, UPLOAD, Copy, copy_database, named
from tests.parity.library import PASSWORD, Library, make_library
from tests.parity.play import move_all

_PATH_IN_TAG = r"(?<=\d-)\d{6,10}(?=\"$)"
"""The end of a file's entity tag: a checksum of its path, and the sides have folders of their own."""
_CREDENTIAL = r"\b(?:mvk_|eyJ)[\w.\-]+"
"""API keys, what lists show of them, and tokens."""
_MASKED = (
    "$.metadata.upload_id",
    "$.upload_id",
    "$.session.token",
    "$.setup_data.qr_code",
    "$.setup_data.manual_entry_key",
    "$.setup_data.backup_codes",
    "$.backup_codes",
    "$.events[*].request_id",
    "$.password",
    "$.reset_token",
    "$.reset_url",
)
NOBODY_LISTENS = "http://127.0.0.1:9"
WHO = ("root", "manager", "anna", "reader")
_WAIVERS = read_waivers(Path(__file__).parent / "waivers.yaml")


@dataclass(frozen=True)
class Side:
    """One hybrid whose every shared route is on one side, over a library of its own."""

    name: str
    data: Path
    copy: Copy
    client: Client

    async def ask(self, ask: Ask, cookies: Mapping[str, str]) -> Answer:
        headers: Headers = [(name.lower().encode(), value.encode()) for name, value in ask.headers]
        if ask.who in cookies:
            headers.append((b"cookie", cookies[ask.who].encode()))
        return await self.client.ask(ask.method, ask.target, headers, ask.body or b"")


class Sides:
    """`ask` asks both; `left_behind` compares what that did."""

    def __init__(self, runner: asyncio.Runner, legacy: Side, modern: Side, cookies: Mapping[str, str]) -> None:
        self._runner = runner
        self.modern = modern
        self._pair = (legacy, modern)
        self._cookies = cookies
        self._by_chance = (UPLOAD, _PATH_IN_TAG, _CREDENTIAL, *(re.escape(str(side.data)) for side in self._pair))

    def restore(self) -> None:
        for side in self._pair:
            side.copy.restore()

    def ask(self, ask: Ask, rules: Rules) -> tuple[int, list[Mismatch]]:
        """The legacy side's status, and every mismatch."""
        answers = [self._runner.run(side.ask(ask, self._cookies)) for side in self._pair]
        for side, answer in zip(self._pair, answers, strict=True):
            assert answer.header("x-served-by") in (side.name, "router"), ask.name
        by_chance = Rules((*rules.masked, *_MASKED), rules.unordered, rules.tied, self._by_chance)
        found = compare(ask.name, answers[0], answers[1], by_chance, _now(), sort_key)
        return answers[0].status, unwaived(found, _WAIVERS, _now().date())

    def left_behind(self) -> list[Mismatch]:
        """In which rows and files the libraries differ now."""
        files = differing("files", *(side.copy.files() for side in self._pair))
        return [Mismatch("(left behind)", *finding) for finding in (*files, *self._rows())]

    def _rows(self) -> Iterator[tuple[str, Any, Any]]:
        copies = [side.copy for side in self._pair]
        if not any(copy.has_other_rows for copy in copies):
            return
        at = _now()
        control, candidate = (copy.rows() for copy in copies)
        for table in control:
            sides = control[table], candidate[table]
            columns = copies[0].columns(table)
            for row_id in sorted({*sides[0], *sides[1]}):
                first, second = (side.get(row_id) for side in sides)
                if first != second:
                    yield from differing(f"{table}[{row_id}]", named(columns, first, at), named(columns, second, at))


@contextmanager
def opened_sides(folder: Path) -> Iterator[Sides]:
    """The parity library on both sides; everybody of whom a test asks is logged in. SQLite."""
    library = make_library(folder / "made")
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as patch:
        # The polls of the flags run in threads; drawing from the shared generator, they would disturb Hypothesis.
        patch.setattr("router.refresher.random", random.Random(0))
        with _opened(runner, "modern", library, folder) as candidate:
            cookies = {who: runner.run(_login(candidate, who)) for who in WHO}
            # The sessions that the logins made are in both libraries, under one key.
            copy_database(candidate.data / DATABASE, library.config.data_dir / DATABASE)
            with _opened(runner, "legacy", library, folder) as control:
                candidate.copy.save()
                yield Sides(runner, control, candidate, cookies)


@contextmanager
def _opened(runner: asyncio.Runner, name: str, library: Library, folder: Path) -> Iterator[Side]:
    data = folder / name / "data"
    shutil.copytree(library.config.data_dir, data, symlinks=True)
    address = URL.create("sqlite", database=str(data / DATABASE)).render_as_string()
    config = library.config.model_copy(
        update={"data_dir": data, "database_url": address, "imvdb_url": NOBODY_LISTENS, "imvdb_interval": 0}
    )
    move_all(Library(config, {}), Stage(name))
    router = build(config, watched=False)
    state: dict[str, Any] = {}
    lifespan = Lifespan(router, name)
    runner.run(lifespan.start({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}))
    try:
        with closing(Copy(data, folder / name / "saved")) as copy:
            copy.save()
            yield Side(name, data, copy, Client(router, state))
    finally:
        runner.run(lifespan.stop())


async def _login(side: Side, who: str) -> str:
    answer = await side.ask(send("POST", "/auth/login", {"username": who, "password": PASSWORD}), {})
    assert answer.status == 200, f"{who} can't log in: {answer.status}"
    cookie = SimpleCookie(answer.header("set-cookie") or "")
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookie.items())


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
