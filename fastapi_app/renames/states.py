"""Where a film is on its way to another name."""

from enum import StrEnum


class State(StrEnum):
    """`MOVING`: it may have both names, and its row the old one. `TOLD`: its row has the new one."""

    PENDING = "pending"
    MOVING = "moving"
    TOLD = "told"
    DONE = "done"
    MISSING = "missing"
    CONFLICT = "conflict"
    BUSY = "busy"
    CHANGED = "changed"
    FAILED = "failed"


UNDER_WAY = (State.MOVING, State.TOLD)
REFUSED = (State.MISSING, State.CONFLICT, State.BUSY, State.CHANGED, State.FAILED)

LABELS = {
    State.PENDING: "Not renamed",
    State.MOVING: "Being renamed",
    State.TOLD: "Being renamed",
    State.DONE: "Renamed",
    State.MISSING: "The file is missing",
    State.CONFLICT: "The name is taken",
    State.BUSY: "Being downloaded",
    State.CHANGED: "Changed meanwhile",
    State.FAILED: "Failed",
}
