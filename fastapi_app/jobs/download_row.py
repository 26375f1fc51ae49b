"""The row of 0.9's `downloads` that shows a job to 0.9: it changes with the job, in the same transaction."""

from typing import Any

from sqlalchemy import Update, update

from fastapi_app.jobs.states import State
from fastapi_app.models import Download

STATUS = {
    State.QUEUED: "pending",
    State.RETRYING: "pending",
    State.RUNNING: "downloading",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
    State.PAUSED: "paused",
    State.CANCELLED: "stopped",
}
"""0.9's word for every state."""


def changed(*download_ids: int, state: State, percent: float | None = None, error: str | None = None) -> Update:
    """The statement that lets the rows show `state`; a percentage that is None is left as it is."""
    values: dict[str, Any] = {"status": STATUS[state], "error_message": error}
    if state is State.COMPLETED:
        values["progress"] = 100
    elif percent is not None:
        values["progress"] = int(percent)
    return update(Download).where(Download.id.in_(download_ids)).values(values)
