"""The four groups of the downloads page, and which jobs are in them. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from fastapi_app.jobs.states import State


class Group(StrEnum):
    """In the order in which the page shows them."""

    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    DONE = "done"


STATES: Mapping[Group, tuple[State, ...]] = {
    Group.RUNNING: (State.RUNNING,),
    Group.WAITING: (State.QUEUED, State.RETRYING, State.PAUSED),
    Group.FAILED: (State.FAILED,),
    Group.DONE: (State.COMPLETED, State.CANCELLED),
}
HEADINGS: Mapping[Group, str] = {
    Group.RUNNING: "Running",
    Group.WAITING: "Waiting",
    Group.FAILED: "Failed",
    Group.DONE: "Done today",
}
WORDS: Mapping[State, str] = {
    State.QUEUED: "Waiting",
    State.RETRYING: "Tries again",
    State.PAUSED: "Paused",
    State.RUNNING: "Running",
    State.COMPLETED: "Done",
    State.FAILED: "Failed",
    State.CANCELLED: "Cancelled",
}
"""A word for each state."""

_GROUP_OF = {state: group for group, states in STATES.items() for state in states}


def group_of(state: State) -> Group:
    return _GROUP_OF[state]
