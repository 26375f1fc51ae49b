"""Numbers of jobs, put together. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi_app.jobs.states import TERMINAL, State


def tallied(rows: Iterable[Any], last_day: Mapping[str, int]) -> dict[str, Any]:
    """From rows of `kind`, `queue`, `state`, `jobs`, and from what ended in the last day, by state."""
    states = dict.fromkeys(State, 0)
    kinds: dict[str, dict[State, int]] = {}
    queues: dict[str, dict[State, int]] = {}
    for row in rows:
        state = State(row.state)
        for counts in (states, kinds.setdefault(row.kind, {}), queues.setdefault(row.queue, {})):
            counts[state] = counts.get(state, 0) + row.jobs
    return {
        "total": sum(states.values()),
        "active": sum(jobs for state, jobs in states.items() if state not in TERMINAL),
        "by_state": states,
        "by_kind": kinds,
        "by_queue": queues,
        "last_day": _ended(last_day),
    }


def _ended(last_day: Mapping[str, int]) -> dict[str, Any]:
    ended: dict[str, Any] = {state: last_day.get(state, 0) for state in sorted(TERMINAL)}
    tried = ended[State.COMPLETED] + ended[State.FAILED]
    return {**ended, "success_rate": ended[State.COMPLETED] / tried if tried else None}
