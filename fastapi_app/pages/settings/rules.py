"""From a form to settings, and from settings to what a form shows. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fastapi_app.settings.catalogue import CATALOGUE, TITLES, Entry, Group, is_fitting
from fastapi_app.settings.fixed import Shown
from fastapi_app.settings.kinds import ON, WEEKDAYS, Choice, Days, Number, Secret, Switch, Time, chosen_days, days_text
from fastapi_app.settings.rules import MASK

LONGEST_SEARCH = 100
BEFORE = "was."
"""Before the name of a setting in a form: what the field showed. A field that nobody touched changes nothing."""
CLEAR = "clear"


@dataclass(frozen=True)
class Field:
    """One setting in a form. `text` is what the field holds, `before` what is in force; of a secret both are empty."""

    entry: Entry
    text: str
    before: str
    is_set: bool = False
    is_locked: bool = False
    error: str = ""
    trial: str = ""

    @property
    def is_usual(self) -> bool:
        return self.text == self.entry.default and not self.is_set

    @property
    def options(self) -> list[tuple[str, str]]:
        """The choices; a word that is stored and none of them is among them."""
        assert isinstance(self.entry.kind, Choice)  # noqa: S101  templates ask choices only
        known = list(self.entry.kind.options)
        return known if self.text in dict(known) else [*known, (self.text, self.text)]

    @property
    def days(self) -> list[tuple[str, bool]]:
        chosen = chosen_days(self.text)
        return [(day, day in chosen) for day in WEEKDAYS]

    @property
    def usual_text(self) -> str:
        """The default in words."""
        kind, default = self.entry.kind, self.entry.default
        if isinstance(kind, Switch):
            return "on" if default == "true" else "off"
        if isinstance(kind, Choice):
            return dict(kind.options)[default]
        if isinstance(kind, Number):
            return f"{default} {kind.unit}".strip()
        return "every day" if isinstance(kind, Days) else default


@dataclass(frozen=True)
class Section:
    """A heading and the settings under it."""

    title: str
    fields: Sequence[Field]


@dataclass(frozen=True)
class Part:
    """A group as far as it is shown."""

    group: Group
    sections: Sequence[Section]
    fixed: Sequence[Shown]

    @property
    def title(self) -> str:
        return TITLES[self.group]

    @property
    def is_editable(self) -> bool:
        return any(not field.is_locked for section in self.sections for field in section.fields)


def group_of(text: str) -> Group:
    """The group in a query; nonsense is the first."""
    return Group(text) if text in set(Group) else Group.GENERAL


def in_form(entry: Entry, stored: str | None) -> str:
    """What is in force, as the form writes it. What nobody can read is the default there, as it is for its readers."""
    text = (stored or "").strip()
    if isinstance(entry.kind, Secret):
        return ""
    if isinstance(entry.kind, Switch):
        return _switched(entry, stored)
    if not text:
        return entry.default
    if isinstance(entry.kind, Days):
        return days_text([*chosen_days(text)])
    if isinstance(entry.kind, Time):
        return _clock(text) if is_fitting(entry, text) else entry.default
    if isinstance(entry.kind, Number):
        return text if text.replace(".", "", 1).isdecimal() else entry.default
    return text.lower() if isinstance(entry.kind, Choice) else text


def sent(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Texts by key: the settings of a form that somebody changed.

    Of several fields of one name the last counts, and of days all; so a box that is not ticked stands behind a hidden
    field. An empty secret, and its mask, stay what they are; the box beside it clears it.
    """
    values: dict[str, list[str]] = {}
    for name, value in items:
        values.setdefault(name, []).append(value.strip())
    cleared = set(values.get(CLEAR, ()))
    found = {entry.key: _sent(entry, values[entry.key], cleared) for entry in CATALOGUE if entry.key in values}
    before = {key: next(iter(values.get(BEFORE + key, ())), None) for key in found}
    return {key: text for key, text in found.items() if text is not None and text != before[key]}


def faults(wanted: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each setting that can't hold what it was given."""
    entries = {entry.key: entry for entry in CATALOGUE}
    return {
        key: f"It must be {entries[key].kind.expected}."
        for key, text in wanted.items()
        if not is_fitting(entries[key], text)
    }


def sections(fields: Iterable[Field]) -> list[Section]:
    """Fields under their headings, in their order."""
    found: dict[str, list[Field]] = {}
    for field in fields:
        found.setdefault(field.entry.section, []).append(field)
    return [Section(title, members) for title, members in found.items()]


def matches(search: str, *texts: str) -> bool:
    """Whether every word of the search is in one of the texts."""
    where = " ".join(texts).casefold()
    return all(word in where for word in search.casefold().split())


def is_found(search: str, entry: Entry) -> bool:
    return matches(search, entry.key, entry.label, entry.help, entry.section, TITLES[entry.group])


def _sent(entry: Entry, given: Sequence[str], cleared: set[str]) -> str | None:
    if isinstance(entry.kind, Days):
        return days_text([day for day in given if day in WEEKDAYS])
    if not isinstance(entry.kind, Secret):
        return given[-1]
    if entry.key in cleared:
        return ""
    return None if given[-1] in ("", MASK) else given[-1]


def _switched(entry: Entry, stored: str | None) -> str:
    text = stored.strip().lower() if stored is not None else entry.default
    if text in ON:
        return "true"
    return "false" if entry.kind.takes(text) else entry.default


def _clock(text: str) -> str:
    hour, minute = text.split(":")[:2]
    return f"{int(hour):02}:{minute}"
