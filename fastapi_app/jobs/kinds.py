"""The kinds of jobs there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from pydantic import BaseModel

from fastapi_app.jobs.states import Queue
from fastapi_app.jobs.work import Done, Work


@dataclass(frozen=True)
class Kind:
    """One kind: `module` and `function` name what runs it, a callable of `Work` that answers `Done`.

    The name is imported by workers only: the web never loads yt-dlp. `payload` says what such a job is given.
    `deadline` is the most seconds that an attempt may take. `following` names a module with `write(session, payloads,
    state)` and `clean(config, job_id)`, see `jobs/following.py`; the web imports it too.
    """

    name: str
    queue: Queue
    payload: type[BaseModel]
    module: str
    function: str
    title: str
    attempts: int = 3
    deadline: float = 3600.0
    following: str | None = None

    def load(self) -> Callable[[Work], Done]:
        found: Callable[[Work], Done] = getattr(import_module(self.module), self.function)
        return found


class UnknownKind(Exception):
    """No job of this kind exists in this version."""


class Kinds:
    """Kinds by name. Immutable once built."""

    def __init__(self, *kinds: Kind) -> None:
        self._by_name = {kind.name: kind for kind in kinds}

    def __getitem__(self, name: str) -> Kind:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownKind(name) from None

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_name.values())
