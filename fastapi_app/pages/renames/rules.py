"""What the pages of runs are asked, and how they say what became of films. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi_app.models import INTEGER_MAX
from fastapi_app.renames.preview import Fate
from fastapi_app.renames.states import LABELS, State

FATES: Mapping[Fate, str] = {
    Fate.RENAME: "",
    Fate.UNCHANGED: "keeps its name",
    Fate.CONFLICT: "name taken",
    Fate.MISSING: "file missing",
    Fate.BUSY: "downloading",
    Fate.OUTSIDE: "elsewhere",
}
_GROUPS: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("", "All", ()),
    ("done", "Renamed", (State.DONE,)),
    ("conflict", "Name taken", (State.CONFLICT,)),
    ("missing", "Missing", (State.MISSING,)),
    ("failed", "Failed", (State.FAILED, State.BUSY, State.CHANGED)),
    ("pending", "Not renamed", (State.PENDING, State.MOVING, State.TOLD)),
)


@dataclass(frozen=True)
class Asked:
    """What the preview shows: which template, behind which video, and whether all films or those that change."""

    template: str
    after: int
    everything: bool

    def query(self, **other: object) -> str:
        """The same with other values, for a link."""
        values: dict[str, object] = {"template": self.template, "after": self.after, "all": int(self.everything)}
        values |= other
        return "?" + urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True)
class Tab:
    """Films of a run that share a fate."""

    name: str
    label: str
    count: int


def asked(values: Mapping[str, str], template: str) -> Asked:
    """Reads the query; `template` is the one of the settings."""
    return Asked(values.get("template", template).strip(), number(values.get("after", "")), values.get("all") == "1")


def number(text: str) -> int:
    """A place in a query string; nonsense is the beginning."""
    plain = text.isascii() and text.isdecimal() and len(text) < 11
    return min(int(text), INTEGER_MAX) if plain else 0


def tabs(counts: Mapping[State, int]) -> list[Tab]:
    """The groups that have films; all of them first."""
    found = [
        Tab(name, label, sum(counts.get(state, 0) for state in states) if states else sum(counts.values()))
        for name, label, states in _GROUPS
    ]
    return [tab for tab in found if tab.count or not tab.name]


def states_of(name: str) -> tuple[State, ...]:
    return next((states for group, _, states in _GROUPS if group == name), ())


def label(state: str, reason: str | None) -> str:
    """What became of a film, in a few words."""
    return reason or LABELS[State(state)]
