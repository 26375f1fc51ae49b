"""What one socket is still to be told. Pure: time is passed in, in seconds of any clock that never goes back.

Progress of a job leaves at once when none left lately, otherwise when its turn comes; only the latest counts. A change
of state leaves at once. The end of a job leaves first and is never replaced.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass

from fastapi_app.jobs.event import Event
from fastapi_app.progress.news import News

INTERVAL = 0.25
"""Seconds between two reports of progress about one job: four a second."""

MOST_JOBS = 1_000
MOST_ENDS = 1_000
_BATCH = 64


class Overflowed(Exception):
    """More jobs ended than this socket took in. It must be closed: what comes next would not be the whole truth."""


@dataclass(slots=True)
class _Waiting:
    due: float
    news: News


class Outbox:
    """News by job, the latest of each, and the ends in their order. What is offered about a job is ever newer."""

    def __init__(self, most_jobs: int = MOST_JOBS, most_ends: int = MOST_ENDS) -> None:
        self._most_jobs = most_jobs
        self._most_ends = most_ends
        self._ends: deque[News] = deque()
        self._waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self._sent_at: OrderedDict[int, float] = OrderedDict()

    def told(self, event: Event) -> None:
        """Drops what waits and is no newer than `event`, which the socket was told otherwise."""
        waiting = self._waiting.get(event.job_id)
        if waiting is not None and waiting.news.event.seq <= event.seq:
            del self._waiting[event.job_id]

    def offer(self, news: News, now: float) -> None:
        """Takes news in. Raises Overflowed when too many ends wait; of everything else the oldest gives way."""
        job_id = news.event.job_id
        if news.event.terminal:
            self._waiting.pop(job_id, None)
            self._sent_at.pop(job_id, None)
            if len(self._ends) >= self._most_ends:
                raise Overflowed
            self._ends.append(news)
            return
        is_early = news.is_progress and job_id in self._sent_at
        due = max(now, self._sent_at[job_id] + INTERVAL) if is_early else now
        before = self._waiting.get(job_id)
        if before is not None:
            before.due, before.news = min(before.due, due), news
            return
        if len(self._waiting) >= self._most_jobs:
            self._waiting.popitem(last=False)
        self._waiting[job_id] = _Waiting(due, news)

    def take(self, now: float, most: int = _BATCH) -> list[News]:
        """What may leave now: ends first, then what has waited longest."""
        taken = [self._ends.popleft() for _ in range(min(most, len(self._ends)))]
        ready = [job_id for job_id, one in self._waiting.items() if one.due <= now][: most - len(taken)]
        for job_id in ready:
            taken.append(self._waiting.pop(job_id).news)
            self._sent_at[job_id] = now
            self._sent_at.move_to_end(job_id)
        self._forget(now)
        return taken

    def due(self) -> float | None:
        """When there is something to take; None: not before something is offered."""
        if self._ends:
            return float("-inf")
        return min((one.due for one in self._waiting.values()), default=None)

    def _forget(self, now: float) -> None:
        while self._sent_at and next(iter(self._sent_at.values())) + INTERVAL <= now:
            self._sent_at.popitem(last=False)
