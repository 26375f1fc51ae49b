"""Where both sides are asked: a throwaway copy of the application and of its data."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from router.app import Router
from router.comparison.rules import Fold, Rules, fold
from router.parity.recording import NOBODY
from router.row import Side

Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Login:
    """The request that logs a label in; its cookies are the label's from then on. ``body`` is as in a corpus."""

    path: str
    body: Mapping[str, Any]
    method: str = "POST"


@dataclass(frozen=True)
class Rehearsal:
    """A copy whose every route is on one side.

    Its ``router`` neither falls back nor takes routes back (``fallback=None, rollback=None``): one that does answers
    from the other side when modern fails, and then there is nothing to compare. Such answers are mismatches.

    ``rows`` tells what is in its database now: rows by table, each with an ``id``, without what differs by chance.
    ``logins`` has the labels that are not `NOBODY`; a label that is missing asks as nobody. ``fold`` is how the
    database compares text when it sorts. ``prober`` is the label that asks what no corpus does.
    ``by_chance`` are patterns of text that every call makes anew, such as names of files. ``rules`` say by route what
    may differ, for requests whose line in the corpus does not, as those of recorded traffic.
    """

    router: Router
    rows: Callable[[], Rows] = dict
    logins: Mapping[str, Login] = field(default_factory=dict)
    fold: Fold = fold
    prober: str = NOBODY
    by_chance: tuple[str, ...] = ()
    rules: Mapping[str, Rules] = field(default_factory=dict)


Rehearse = Callable[[Side], AbstractContextManager[Rehearsal]]
"""Makes a copy of the same data for each side, one after the other, at the same place."""
