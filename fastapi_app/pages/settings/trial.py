"""Trying a key where it is for: one cheap call, and a word for what came of it."""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum

import anyio
from starlette.datastructures import State

from fastapi_app.integrations.failures import KeyRefused, ServiceFailure, TooManyRequests

_DEADLINE_SECONDS = 12.0
_KNOWN_VIDEO = "dQw4w9WgXcQ"


class Outcome(StrEnum):
    """What became of a trial."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    BUSY = "busy"
    SILENT = "silent"
    MISSING = "missing"


async def _ask_imvdb(state: State, key: str) -> None:
    await state.imvdb.search_videos(key, "love", 1)


async def _ask_youtube(state: State, key: str) -> None:
    await state.youtube.videos(key, [_KNOWN_VIDEO])


_TRIALS: Mapping[str, tuple[str, Callable[[State, str], Awaitable[None]]]] = {
    "imvdb_api_key": ("IMVDb", _ask_imvdb),
    "youtube_api_key": ("YouTube", _ask_youtube),
}
TRIABLE = frozenset(_TRIALS)
_SENTENCES: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "{} accepts the key.",
    Outcome.REFUSED: "{} refuses the key.",
    Outcome.BUSY: "{} asks for fewer requests. Try again later.",
    Outcome.SILENT: "{} does not answer. Try again later.",
    Outcome.MISSING: "There is no key to try.",
}


async def attempt(state: State, setting: str, key: str) -> Outcome:
    """Asks the service that `setting` is for, and waits a dozen seconds at most. `state` is that of the request."""
    if not key:
        return Outcome.MISSING
    try:
        with anyio.fail_after(_DEADLINE_SECONDS):
            await _TRIALS[setting][1](state, key)
    except KeyRefused:
        return Outcome.REFUSED
    except TooManyRequests:
        return Outcome.BUSY
    except (ServiceFailure, TimeoutError):
        return Outcome.SILENT
    return Outcome.ACCEPTED


def sentence(setting: str, outcome: str) -> str:
    """What a page says of it; empty for words that are none of ours."""
    if setting not in _TRIALS or outcome not in set(Outcome):
        return ""
    return _SENTENCES[Outcome(outcome)].format(_TRIALS[setting][0])
