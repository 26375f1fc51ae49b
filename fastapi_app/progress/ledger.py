"""What was last heard of each job, and whether something heard now is newer. Pure, and bounded."""

from collections import OrderedDict
from dataclasses import dataclass

from fastapi_app.jobs.event import Event
from fastapi_app.jobs.states import ATTEMPT, TERMINAL

MOST_JOBS = 20_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A job at the last event about it. `ts` is UTC in ISO 8601."""

    seq: int
    state: str
    ts: str


def is_newer(event: Event, known: Mark | None) -> bool:
    """Whether `event` tells something after `known`.

    SQLite gives the id of a deleted row to the next one. So an event before any attempt, later than the end of a job
    of that id, is about another job.
    """
    if known is None or event.seq > known.seq:
        return True
    is_other = known.state in TERMINAL and not event.terminal and event.seq < ATTEMPT
    return is_other and event.ts > known.ts


class Ledger:
    """The last mark of each job; those heard of longest ago are forgotten beyond `most`."""

    def __init__(self, most: int = MOST_JOBS) -> None:
        self._marks: OrderedDict[int, Mark] = OrderedDict()
        self._most = most

    def __getitem__(self, job_id: int) -> Mark | None:
        return self._marks.get(job_id)

    def __len__(self) -> int:
        return len(self._marks)

    def note(self, event: Event) -> bool:
        """Whether `event` is news. Then it is what is known."""
        if not is_newer(event, self._marks.get(event.job_id)):
            return False
        self._marks[event.job_id] = Mark(event.seq, event.state, event.ts)
        self._marks.move_to_end(event.job_id)
        if len(self._marks) > self._most:
            self._marks.popitem(last=False)
        return True

    def lacks(self, job_id: int, seq: int) -> bool:
        """Whether a row with this sequence has something to tell."""
        known = self._marks.get(job_id)
        return known is None or seq > known.seq or (known.state in TERMINAL and seq < known.seq and seq < ATTEMPT)
