"""The audit as lines of a file, each a row."""

from collections.abc import Sequence
from pathlib import Path

from migration_flags.audit import AuditRow
from migration_flags.document import DocumentInvalid
from migration_flags.stores.disk import append_lines
from migration_flags.stores.state_document import read_row, row_text
from migration_flags.transition import Head


class Journal:
    """Rows come before the flags: those beyond the flags' head belong to a change that never was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, head: Head | None) -> list[AuditRow]:
        """Oldest first, up to the head; without one, as far as lines are whole. Raises `DocumentInvalid`."""
        lines = self._lines()
        if head is not None:
            lines = lines[: head.sequence]
        return [read_row(line, f"{self._path.name}, line {number}") for number, line in enumerate(lines, start=1)]

    def append(self, head: Head, rows: Sequence[AuditRow]) -> None:
        """After the rows up to ``head``. Under the lock only."""
        if not rows:
            return
        kept = self._lines()[: head.sequence]
        append_lines(self._path, [row_text(row) for row in rows], sum(len(line) + 1 for line in kept))

    def _lines(self) -> list[bytes]:
        """Whole lines: what a writer that was killed left of the last one is not there."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except IsADirectoryError as error:
            raise DocumentInvalid(self._path.name, "is a folder") from error
        return content.split(b"\n")[:-1]
