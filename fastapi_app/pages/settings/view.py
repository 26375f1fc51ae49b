"""What the page of settings shows, from the rows as they are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi_app.config import Config
from fastapi_app.pages.settings.rules import Field, Part, in_form, is_found, matches, sections
from fastapi_app.settings import fixed
from fastapi_app.settings.catalogue import CATALOGUE, TITLES, Entry, Group
from fastapi_app.settings.kinds import Secret


@dataclass(frozen=True)
class Told:
    """What is said at the fields: what was typed and could not be stored, why, and what became of trials."""

    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    trials: Mapping[str, str] = field(default_factory=dict)


def parts(
    config: Config, stored: Mapping[str, str | None], group: Group, search: str, told: Told, *, administers: bool
) -> list[Part]:
    """One group, or what a search finds in all of them. Secrets are open to administrators only."""
    groups = list(Group) if search else [group]
    found = [_part(config, stored, each, search, told, administers=administers) for each in groups]
    return [part for part in found if part.sections or part.fixed]


def _part(
    config: Config, stored: Mapping[str, str | None], group: Group, search: str, told: Told, *, administers: bool
) -> Part:
    entries = [entry for entry in CATALOGUE if entry.group is group and (not search or is_found(search, entry))]
    fields = [field_of(entry, stored.get(entry.key), told, administers=administers) for entry in entries]
    facts = [
        fact
        for fact in fixed.told(config, group)
        if not search or matches(search, fact.label, fact.variable, TITLES[group])
    ]
    return Part(group, sections(fields), facts)


def field_of(entry: Entry, stored: str | None, told: Told, *, administers: bool) -> Field:
    """One setting in a form."""
    is_secret = isinstance(entry.kind, Secret)
    before = in_form(entry, stored)
    return Field(
        entry,
        text=before if is_secret else told.typed.get(entry.key, before),
        before=before,
        is_set=is_secret and bool(stored),
        is_locked=is_secret and not administers,
        error=told.errors.get(entry.key, ""),
        trial=told.trials.get(entry.key, ""),
    )
