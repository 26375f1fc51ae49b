"""Answers that are made once for each version of the library."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.caching import validators
from fastapi_app.caching.store import Store
from fastapi_app.caching.tags import Tag
from fastapi_app.caching.versions import Version, Versions
from fastapi_app.urls import is_copy

T = TypeVar("T")

MOST_BYTES = 32 * 1024 * 1024
"""Of one process, for everything that it keeps."""

_OVERHEAD = 200
"""Bytes of an entry beside its value."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer depends on: the tables, and everything of the request that changes it.

    Who asks is no part of it: what differs from visitor to visitor must be in `asked`, or not be kept at all. Nor is
    the time: an answer that changes by itself can't be kept.
    """

    cache: str
    """Its name in the figures: few, and fixed."""

    tags: frozenset[Tag]
    asked: Hashable = None


class Caches:
    """What one process keeps. Never wrong, and never in the way: nothing else is asked but the database itself."""

    def __init__(self, release: str, store: Store | None = None, versions: Versions | None = None) -> None:
        self.store = store or Store(MOST_BYTES)
        self._release = release
        self._versions = versions or Versions()

    async def value(self, session: AsyncSession, question: Question, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` gives, made at most once for each version. It must not be changed by who gets it."""
        version = await self._versions.read(session, question.tags)
        if version is None:
            return await make()
        kept: tuple[T] | None = self.store.get(question.cache, question.asked, version)
        if kept is not None:
            return kept[0]
        made = await make()
        self.store.put(question.cache, question.asked, version, (made,), len(repr(made)) + _OVERHEAD)
        return made

    async def answer(
        self, request: Request, session: AsyncSession, question: Question, make: Callable[[], Awaitable[Response]]
    ) -> Response:
        """What `make` answers, made at most once for each version; 304 for a client that has it already.

        Only the body and its type are kept. An error is raised, and neither kept nor tagged.
        """
        version = await self._versions.read(session, question.tags)
        if version is None:
            return await make()
        tag = validators.tag_of(self._release, question.cache, question.asked, version)
        if _has_it(request, tag):
            self.store.tally(question.cache).unchanged += 1
            return Response(status_code=304, headers=validators.headers(tag))
        body, media_type = await self._body(question, version, make)
        return Response(body, headers=_headers(request, tag), media_type=media_type)

    async def _body(
        self, question: Question, version: Version, make: Callable[[], Awaitable[Response]]
    ) -> tuple[bytes, str | None]:
        kept: tuple[bytes, str | None] | None = self.store.get(question.cache, question.asked, version)
        if kept is not None:
            return kept
        made = await make()
        found = bytes(made.body), made.headers.get("content-type")
        self.store.put(question.cache, question.asked, version, found, len(found[0]) + _OVERHEAD)
        return found


async def answered(
    request: Request, session: AsyncSession, question: Question, make: Callable[[], Awaitable[Response]]
) -> Response:
    """`Caches.answer` of the process that got this request."""
    caches: Caches = request.state.caches
    return await caches.answer(request, session, question, make)


def tagged(request: Request, made: Response) -> Response:
    """An answer that is as cheap to make as to look up, with a tag of its body: who has it is told so by 304."""
    tag = validators.tag_of_body(bytes(made.body))
    if _has_it(request, tag):
        return Response(status_code=304, headers=validators.headers(tag))
    made.headers.update(_headers(request, tag))
    return made


def _has_it(request: Request, tag: str) -> bool:
    return not is_copy(request.scope) and validators.has_it(request.headers.get("if-none-match", ""), tag)


def _headers(request: Request, tag: str) -> dict[str, str]:
    """None for an answer that nobody waits for: nobody keeps it, and it is compared with one that has none."""
    return {} if is_copy(request.scope) else validators.headers(tag)
