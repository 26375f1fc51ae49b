"""The first steps, in their order. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

STEP_SETTING = "welcome_step"
"""How far somebody came. No row: nobody began. No page of settings shows it."""


class Step(StrEnum):
    """What is asked of somebody who sets up a library."""

    PASSWORD = "password"  # noqa: S105 - the name of a step, not a secret
    FOLDERS = "folders"
    KEYS = "keys"
    LIBRARY = "library"
    DONE = "done"


LABELS = {
    Step.PASSWORD: "Password",
    Step.FOLDERS: "Folders",
    Step.KEYS: "Keys",
    Step.LIBRARY: "Library",
    Step.DONE: "Done",
}
KEYS = {
    Step.FOLDERS: ("music_videos_path", "downloads_path"),
    Step.KEYS: ("imvdb_api_key", "youtube_api_key"),
}
"""The settings that a step shows."""


_SAME_MOMENT = timedelta(seconds=10)


def is_made(created: datetime | None, changed: datetime | None) -> bool:
    """Whether an account still has the password that it was made with: it was not changed since."""
    return changed is None or (created is not None and changed - created < _SAME_MOMENT)


def step_of(text: str | None) -> Step | None:
    """The step of that name, None for anything else."""
    return Step(text) if text in set(Step) else None


def following(step: Step) -> Step:
    steps = list(Step)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def is_before(step: Step, other: Step) -> bool:
    steps = list(Step)
    return steps.index(step) < steps.index(other)
