"""A question that names fewer tables than its answer is made of is answered with what was true once."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.caching.caches import Caches, Question
from fastapi_app.models import Base
from tests.caching.libraries import copied
from tests.caching.statements import statements
from tests.caching.test_answers import LISTS
from tests.search.libraries import artist, put, video

PAGES = ("/", "/videos", "/videos?search=song", "/wanted", "/artists", "/artists?search=band", "/artist/1", "/video/1")
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)", re.IGNORECASE)
_COLUMN = re.compile(r"\b(\w+)\.(\w+)\b")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Question, set[str], set[tuple[str, str]]]]:
    """Each question that was not answered from memory, with the tables that its answer was made of, and the columns."""
    found: list[tuple[Question, set[str], set[tuple[str, str]]]] = []

    def watched(question: Question, make: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
        async def made() -> Any:
            with statements() as sent:
                answer = await make()
            tables = {name for each in sent for name in _TABLE.findall(each)}
            columns = {(table, name) for each in sent for table, name in _COLUMN.findall(each)}
            found.append((question, tables & set(Base.metadata.tables), columns))
            return answer

        return made

    answer, value = Caches.answer, Caches.value

    async def watched_answer(caches: Caches, request: Any, session: Any, question: Question, make: Any) -> Any:
        return await answer(caches, request, session, question, watched(question, make))

    async def watched_value(caches: Caches, session: Any, question: Question, make: Any) -> Any:
        return await value(caches, session, question, watched(question, make))

    monkeypatch.setattr(Caches, "answer", watched_answer)
    monkeypatch.setattr(Caches, "value", watched_value)
    return found


def test_a_question_names_every_table_of_its_answer(
    asked: list[tuple[Question, set[str], set[tuple[str, str]]]], new_database: Path, tmp_path: Path
) -> None:
    config = copied(new_database, tmp_path)
    put(config, artist(1, "Band one"), video(1, "Song one"))
    with TestClient(create_app(config)) as client:
        for path in (*LISTS, *PAGES):
            assert client.get(path).status_code < 500, path
    assert {question.cache for question, _, _ in asked} >= {"videos", "artists", "genres", "library counts"}
    for question, tables, columns in asked:
        assert tables, f"{question.cache}: an answer that is made of no table need not be kept"
        assert tables <= {tag.table for tag in question.tags}, question.cache
        whole = {tag.table for tag in question.tags if not tag.column}
        followed = {(tag.table, tag.column) for tag in question.tags}
        assert {each for each in columns if each[0] in tables - whole} <= followed, question.cache
        assert isinstance(hash(question.asked), int)
