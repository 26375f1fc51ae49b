"""The console as an application: what is asked for, who may have it, and which part answers."""

import asyncio
import logging
from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from migration_flags import FlagError
from router.console.access import LOOK, MOVE, Access
from router.console.answer import HTML_TYPE, Answer, as_json
from router.console.asking import headers_of, query_of, read_change
from router.console.assets import PAGE, asset, served
from router.console.errors import Busy, ConsoleRefused, NotAllowed, NotFound, WrongMethod
from router.console.events import Events
from router.console.visit import Handle, Visit
from router.delivery import Errand
from router.errors import ClientLeft
from router.mirror.apart import Apart
from router.problem import problem
from router.reply import Reply
from router.request import path_of
from router.row import OWN_PREFIX
from router.types import Receive, Scope, Send

READING = ("GET", "HEAD")
WITHIN = 30.0
"""Seconds that the store may take to answer, or to write."""

logger = logging.getLogger(__name__)


class Console:
    """Answers everything below ``/_strangler``. ``login`` is where a browser is sent that nobody knows; None: nowhere.

    ``questions`` and ``changes`` are by their name below ``api/``. ``thread`` is what they block in.
    """

    def __init__(
        self,
        access: Access,
        login: str | None,
        thread: Apart,
        events: Events,
        *,
        questions: Mapping[str, Handle],
        changes: Mapping[str, Handle],
    ) -> None:
        self._access = access
        self._login = login
        self._thread = thread
        self.events = events
        self._questions = questions
        self._changes = changes

    def start(self) -> None:
        """Streams may be opened."""
        self.events.start()

    def stop(self) -> None:
        """Ends every stream, and the thread. Blocks for a moment."""
        self.events.stop()
        self._thread.stop(0.05)

    async def reply(self, errand: Errand, reply: Reply) -> None:
        """One request that came through the router."""
        scope: Scope = {**errand.scope, "headers": errand.request.headers}
        reply.bodiless = scope["method"] == "HEAD"
        try:
            await self(scope, errand.receive, reply)
        except ClientLeft:
            return
        except Exception:  # the request's edge: after the first byte only the server can end the connection
            if reply.status:
                raise
            logger.exception("The console failed.")
            await problem(scope, reply, 500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises `ClientLeft`, and what ``authorize`` raises."""
        path = "/" + path_of(scope).lstrip("/").removeprefix(OWN_PREFIX).lstrip("/")
        try:
            answer = await self._answer(path, scope, receive, send)
        except ConsoleRefused as error:
            answer = self._refused(error, path, scope)
        except FlagError as error:
            logger.warning("The console can't answer: %s", error)
            answer = self._refused(Busy("The flag store can't be reached now. Try again shortly."), path, scope)
        if answer is not None:
            await answer.send(send)

    async def _answer(self, path: str, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """None: everything was said already."""
        method, name = scope["method"], path.removeprefix("/api/")
        if path_of(scope).strip("/") == OWN_PREFIX and not path_of(scope).endswith("/"):
            return Answer(308, headers={"location": f"{OWN_PREFIX}/"})  # relative: whatever stands before the router
        if path.startswith("/api/") and name in self._changes:
            return await self._change(name, scope, receive)
        who = await self._access.ask(scope, LOOK)
        if not who.allowed:
            raise NotAllowed(who.known)
        if method not in READING:
            raise WrongMethod("GET, HEAD")
        visit = Visit(scope, receive, who, query_of(scope))
        if not path.startswith("/api/"):
            return self._file(path, scope)
        if name in self._questions:
            return await _in_time(self._questions[name], visit)
        if name == "events" and method == "HEAD":
            raise WrongMethod("GET")
        if name == "events":
            await self.events.stream(visit, send)
            return None
        raise NotFound("There is no such thing in the console.")

    async def _change(self, name: str, scope: Scope, receive: Receive) -> Answer:
        who = await self._access.ask(scope, MOVE)
        if not who.allowed:
            raise NotAllowed(who.known)
        if scope["method"] != "POST":
            raise WrongMethod("POST")
        posted = await read_change(scope, receive)
        return await _in_time(self._changes[name], Visit(scope, receive, who, posted=posted))

    def _file(self, path: str, scope: Scope) -> Answer:
        name = PAGE if path == "/" else path.removeprefix("/assets/")
        found = asset(name) if path == "/" or path.startswith("/assets/") else None
        if found is None:
            raise NotFound("There is no such thing in the console.")
        return served(found, headers_of(scope).get("if-none-match", ""))

    def _refused(self, error: ConsoleRefused, path: str, scope: Scope) -> Answer:
        headers = headers_of(scope)
        is_page = "text/html" in headers.get("accept", "") and not path.startswith("/api/")
        if not is_page:
            return Answer(error.status, as_json({"error": str(error), **error.more}), headers=error.headers)
        if isinstance(error, NotAllowed) and not error.known and self._login is not None:
            prefix = scope.get("root_path", "")
            login = prefix + self._login if self._login.startswith("/") else self._login
            mark = "&" if "?" in login else "?"
            return Answer(303, headers={"location": f"{login}{mark}next={quote(f'{prefix}/{OWN_PREFIX}/')}"})
        text = escape(str(error))
        page = f"<!doctype html><html lang=en><title>{error.status}</title><h1>{error.status}</h1><p>{text}</p>\n"
        return Answer(error.status, page.encode(), HTML_TYPE, error.headers)


async def _in_time(handle: Handle, visit: Visit) -> Answer:
    """Raises `Busy` where a store hangs; a change may then still be made."""
    try:
        async with asyncio.timeout(WITHIN):
            return await handle(visit)
    except TimeoutError:
        raise Busy(f"The flag store did not answer within {WITHIN:g} s. Look again before you repeat.") from None
