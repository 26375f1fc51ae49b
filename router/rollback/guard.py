"""Watches the routes whose traffic both sides share, and says when one of them must go back."""

import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence

from migration_flags import JSON, Flag, Stage, Worker
from router.observation import CLIENT_LEFT, Observation
from router.rollback.baseline import Baseline
from router.rollback.facts import Fact, read
from router.rollback.likelihood import Logs
from router.rollback.record import Record
from router.rollback.rules import RollbackRules
from router.rollback.sequential import Answer
from router.rollback.trip import Trip, TripKind
from router.row import Owner, Side

WATCHED = frozenset({Stage.CANARY, Stage.MODERN})

FACTS_LENGTH = 50_000
"""Characters of JSON that `Guard.facts` may take, of the 100,000 that a store keeps of a beat."""

_chance = random.Random()  # noqa: S311  # samples durations, guards nothing; its own, or applications that seed would feel it

MOST_WAITING = 1000
"""Good answers of a route that may wait for being counted; `Guard.tick` counts them too."""

_MODERN = Stage.MODERN

logger = logging.getLogger(__name__)


class Guard:
    """`observe` is an `Observer`: it never waits and never raises. Everything else is for threads beside the loop.

    ``act`` is called once for each route and epoch of its flag when it trips, and once more if it must be held; it must
    return at once. ``owners`` says who has each route. ``flag_of`` gives the present flag of a route; without it, each
    change of any flag starts every route anew. ``clock`` is monotonic, in seconds; ``chance`` gives numbers in [0, 1).
    """

    def __init__(
        self,
        rules: RollbackRules,
        clock: Callable[[], float],
        act: Callable[[Trip], None],
        owners: Mapping[str, Owner],
        flag_of: Callable[[str], Flag | None] | None = None,
        chance: Callable[[], float] = _chance.random,
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._act = act
        self._owners = owners
        self._flag_of = flag_of
        self._chance = chance
        self._records: dict[str, Record] = {}
        self._recalled: dict[str, Sequence[float]] = {}

    def observe(self, observation: Observation) -> None:
        """One finished request."""
        record = self._records.get(observation.key)
        if record is None or record.seen != observation.epoch:
            record = self._renewed(observation, record)
        if record is None or record.tripped:
            return
        answer = _answer(observation)
        if answer is None:
            return
        is_candidate = observation.side is Side.MODERN
        with record.lock:
            kind = record.add(self._clock(), is_candidate, observation.unit_hash, answer, observation.duration)
        if kind is not None:
            self._tell(record, kind)

    def good(self, key: str, epoch: int, duration: float) -> bool:
        """One good answer of a route at stage modern, where there is nobody to compare it with: it is counted later.

        Whether that was all; else `observe` wants to know more.
        """
        record = self._records.get(key)
        if record is None or record.seen != epoch or record.stage is not _MODERN:
            return False
        waiting = record.good
        waiting.append(duration)
        if len(waiting) >= MOST_WAITING:
            with record.lock:
                record.settle(self._clock())
        return True

    def tick(self) -> None:
        """Lets time pass for routes that nobody asks. Call it every second or so: it also compares durations."""
        for record in list(self._records.values()):
            if record.tripped:
                continue
            with record.lock:
                kind = record.tick(self._clock())
                samples = record.window(self._clock())
            if kind is None and samples is not None:
                kind = record.judge(samples)
            if kind is not None:
                self._tell(record, kind)

    def facts(self) -> dict[str, JSON]:
        """What this worker tells the others: belongs into its beat's facts under `router.rollback.facts.NAME`.

        Where that would be too long for a beat, the routes with the most faults are told.
        """
        told: dict[str, JSON] = {}
        room = FACTS_LENGTH
        for record in list(self._records.values()):
            with record.lock:
                record.settle(self._clock())
        for record in sorted(filter(_matters, list(self._records.values())), key=_weight, reverse=True):
            fact = _fact(record).told()
            room -= len(record.key) + len(str(fact)) + 6  # quotes, colon, comma
            if room >= 0:
                told[record.key] = fact
        return told

    def hear(self, workers: Iterable[Worker], me: str) -> None:
        """Adds what the others said in their beats. ``workers`` are those alive; ``me`` is this worker's id."""
        others = [worker for worker in workers if worker.id != me]
        for record in list(self._records.values()):
            if record.tripped:
                continue
            logs = _logs_of(others, record)
            kind = record.together(logs)
            if kind is not None:
                self._tell(record, kind, logs)

    def evidence(self, key: str) -> Mapping[str, JSON] | None:
        """The counts and figures of a route as they stand. None where it is not watched."""
        record = self._records.get(key)
        if record is None:
            return None
        with record.lock:
            record.settle(self._clock())
            return record.evidence()

    def e_values(self) -> dict[str, float]:
        """How much speaks against each route's candidate: 1 is nothing, the rules' threshold rolls back."""
        return {key: record.e_value for key, record in list(self._records.items())}

    def baselines(self) -> list[tuple[str, Stage, Baseline]]:
        """What the control took, of each route where that is known well enough to compare with: to be kept."""
        enough = self._rules.latency.samples
        found = []
        for record in list(self._records.values()):
            with record.lock:
                durations = tuple(record.reference)
            if len(durations) >= enough:
                found.append((record.key, record.stage, Baseline(record.epoch, durations)))
        return found

    def lacks(self, key: str) -> bool:
        """Whether a baseline should be recalled: both sides have the route, and what the control took is not known."""
        record = self._records.get(key)
        known = () if record is None else record.baseline
        return self._owners.get(key) is Owner.BOTH and not known and key not in self._recalled

    def recall(self, key: str, durations: Sequence[float]) -> None:
        """Durations of the control (seconds) from before this process: what modern is compared with at 100 %."""
        known = self._recalled[key] = sorted(durations)
        record = self._records.get(key)
        if record is not None and not record.baseline:
            record.baseline = known

    def _renewed(self, observation: Observation, record: Record | None) -> Record | None:
        """The record to count in: a new one where the flag has changed. None where there is nothing to watch."""
        key, flag = observation.key, None if self._flag_of is None else self._flag_of(observation.key)
        stage, epoch = (observation.stage, observation.epoch) if flag is None else (flag.stage, flag.epoch)
        if observation.epoch < epoch or (record is not None and observation.epoch < record.epoch):
            return None  # began before the flag changed
        if record is not None and record.epoch == epoch:
            record.seen = observation.epoch
            return record
        if stage not in WATCHED or self._owners.get(key) is not Owner.BOTH:
            self._records.pop(key, None)
            return None
        baseline = (() if record is None else record.reference) or self._recalled.get(key, ())
        fresh = Record(key, stage, epoch, self._clock(), self._rules, self._chance, baseline)
        fresh.seen = observation.epoch
        self._records[key] = fresh
        return fresh

    def _tell(self, record: Record, kind: TripKind, others: Sequence[Logs] = ()) -> None:
        with record.lock:
            if record.tripped or (record.held and not kind.rolls_back):
                return
            if kind.rolls_back:
                record.tripped = True
            else:
                record.held = True
            trip = Trip(record.key, kind, record.evidence(others), record.stage, record.epoch)
        try:
            self._act(trip)
        except Exception:  # the observer's edge: the request is whole, and the next trip must still be told
            logger.exception("Taking %s back failed.", record.key)


def _answer(observation: Observation) -> Answer | None:
    """What the chosen side gave. None where the client left, or the router refused: that says nothing about a side."""
    if observation.fault:
        return Answer.FAULT
    status = observation.status
    if status < 400:
        return Answer.GOOD
    return Answer.REFUSAL if status < 500 and status != CLIENT_LEFT else None


def _fact(record: Record) -> Fact:
    candidate, control = record.candidate, record.control
    return Fact(
        record.epoch,
        (candidate.requests, candidate.faults),
        (control.requests, control.faults),
        record.faults,
        record.refusals,
    )


def _matters(record: Record) -> bool:
    """At modern, only faults are worth telling: counts are for promotions, and that one is over."""
    return record.stage is Stage.CANARY or record.candidate.faults > 0


def _weight(record: Record) -> tuple[int, int]:
    return record.candidate.faults, record.candidate.requests


def _logs_of(workers: Sequence[Worker], record: Record) -> list[Logs]:
    told = (read(worker.facts, record.key) for worker in workers)
    return [fact.faults for fact in told if fact is not None and fact.epoch == record.epoch]
