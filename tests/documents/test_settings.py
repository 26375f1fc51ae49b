"""docs/settings.md lists every setting as the code knows it. `python -m tests.documents.test_settings` writes it."""

from pathlib import Path

from fastapi_app.config import Config
from fastapi_app.operations.default_settings import DEFAULTS
from fastapi_app.settings.catalogue import CATALOGUE, TITLES, Entry, Group
from fastapi_app.settings.fixed import FIXED
from fastapi_app.settings.kinds import Secret

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
_HEAD = """\
# Settings

What users change while MVidarr runs: rows of the table `settings`, edited on the page `/settings` or through
`/api/settings/`. Every one of them is read when it is needed, so none asks for a restart. Without a row, or with an
empty one, the default holds.

Whoever may configure changes them: administrators, and anybody while no login is asked for. Keys, and switching the
login off, are for administrators who are logged in. A key is never shown again; it reads `********`, and writing that
back changes nothing.

A value that nothing could read is refused, by the page and by the API (400, naming the setting). A value that is there
already may stay, and rows of other names hold any text, as in 0.9.

What the process is told from outside is fixed: the page shows it beside the settings, and changes need a restart.
"""
_UNREAD = """\
## Rows that nothing reads

0.9 wrote these and MVidarr leaves them alone; no page shows them. Several were never read by 0.9 either.

"""


def markdown() -> str:
    """The page as it should be."""
    parts = [_HEAD, *(part for group in Group if (part := _group(group))), _UNREAD + _unread()]
    return "\n".join(parts)


def _group(group: Group) -> str:
    entries = [entry for entry in CATALOGUE if entry.group is group]
    facts = [f"- {fact.label}: `{fact.variable}`" for fact in FIXED if fact.group is group]
    lines = [f"## {TITLES[group]}", ""]
    if entries:
        lines += ["| Setting | Name | May be | Default |", "|---|---|---|---|", *map(_row, entries), ""]
        lines += [f"- **{entry.label}**: {entry.help}" for entry in entries] + [""]
    lines += ["Fixed from outside:", "", *facts, ""] if facts else []
    return "\n".join(lines)


def _row(entry: Entry) -> str:
    default = "not set" if isinstance(entry.kind, Secret) else f"`{entry.default}`"
    cells = (f"`{entry.key}`", entry.label, entry.kind.expected, default)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _unread() -> str:
    known = {entry.key for entry in CATALOGUE}
    return ", ".join(f"`{key}`" for key, _value, _text in DEFAULTS if key not in known) + ".\n"


def test_the_page_lists_every_setting_as_it_is() -> None:
    assert PAGE.read_text("utf-8") == markdown(), "run: python -m tests.documents.test_settings"


def test_every_variable_that_is_shown_exists() -> None:
    assert {fact.field for fact in FIXED} <= Config.model_fields.keys()


if __name__ == "__main__":
    PAGE.write_text(markdown(), "utf-8")
