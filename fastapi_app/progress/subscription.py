"""Who hears of which job. Pure: an index, so that an event costs what it concerns and not what is connected."""

from collections import defaultdict
from typing import Generic, Protocol, TypeVar

from fastapi_app.jobs.visibility import View

MOST_JOBS = 1_000


class Viewer(Protocol):
    """Whoever may subscribe."""

    @property
    def view(self) -> View: ...


class TooManySubscriptions(Exception):
    """One subscriber may name a limited number of jobs; `subscribe_all` is there for more."""


Member = TypeVar("Member", bound=Viewer)


class Subscriptions(Generic[Member]):
    """The jobs that each member follows, and the members that follow each job."""

    def __init__(self, most_jobs: int = MOST_JOBS) -> None:
        self._most_jobs = most_jobs
        self._by_job: defaultdict[int, set[Member]] = defaultdict(set)
        self._jobs: defaultdict[Member, set[int]] = defaultdict(set)
        self._of_all: set[Member] = set()
        self._everything: set[Member] = set()
        self._by_user: defaultdict[int, set[Member]] = defaultdict(set)

    @property
    def is_empty(self) -> bool:
        """Whether nobody follows anything."""
        return not self._of_all and not self._jobs

    def follow(self, member: Member, job_id: int) -> None:
        """Raises TooManySubscriptions. Whether the member may see the job is asked again with every event."""
        jobs = self._jobs[member]
        if job_id not in jobs and len(jobs) >= self._most_jobs:
            raise TooManySubscriptions
        jobs.add(job_id)
        self._by_job[job_id].add(member)

    def unfollow(self, member: Member, job_id: int) -> None:
        """Nothing happens where the member did not follow."""
        _discard(self._by_job, job_id, member)
        _discard(self._jobs, member, job_id)

    def follow_all(self, member: Member) -> None:
        """All jobs that the member may see, those to come included."""
        self._of_all.add(member)
        if member.view.everything:
            self._everything.add(member)
        elif member.view.user_id is not None:
            self._by_user[member.view.user_id].add(member)

    def leave(self, member: Member) -> None:
        """Ends every subscription of the member."""
        for job_id in tuple(self._jobs.get(member, ())):
            self.unfollow(member, job_id)
        self._of_all.discard(member)
        self._everything.discard(member)
        if member.view.user_id is not None:
            _discard(self._by_user, member.view.user_id, member)

    def concerned(self, job_id: int, owner_id: int | None) -> set[Member]:
        """Who hears of an event about this job of that user; None owns what is nobody's."""
        named = {member for member in self._by_job.get(job_id, ()) if member.view.shows(owner_id)}
        if owner_id is None:
            return named | self._of_all
        return named | self._everything | self._by_user.get(owner_id, set())


Key = TypeVar("Key")
Value = TypeVar("Value")


def _discard(sets: defaultdict[Key, set[Value]], key: Key, value: Value) -> None:
    """Removes it, and the set where nothing is left: ended jobs and closed sockets leave no trace."""
    found = sets.get(key)
    if found is not None:
        found.discard(value)
        if not found:
            del sets[key]
