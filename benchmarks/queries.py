"""How often one request asks the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from benchmarks.sides import move_all
from fastapi_app.config import Config
from legacy_flask.front_door import build
from migration_flags import Stage

_FLAG_TABLES = "strangler_"


def queries(config: Config, stage: Stage, paths: tuple[str, ...]) -> dict[str, int]:
    """Statements per request of each path, with every route at `stage`, on a warm process."""
    move_all(config, stage)
    counts: dict[str, int] = {}
    with TestClient(build(config), base_url="http://127.0.0.1") as http:
        for path in paths:
            http.get(path)
            with counting() as statements:
                http.get(path).raise_for_status()
            counts[path] = len(statements)
    return counts


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collects the statements that any engine of this process sends, the flag store's excepted."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if _FLAG_TABLES not in statement and not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
