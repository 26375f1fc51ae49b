"""Evidence in a folder: a file per route, a piece per line."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from migration_flags.document import DocumentInvalid, to_text
from migration_flags.evidence import Evidence, replaced
from migration_flags.stores.disk import write_whole


class Pieces:
    """The evidence of each route, oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str) -> list[Evidence]:
        """Raises `DocumentInvalid`."""
        path = self._file(key)
        try:
            lines = path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        try:
            return [Evidence(**json.loads(line)) for line in lines]
        except (ValueError, TypeError) as error:
            raise DocumentInvalid(path.name, "is not evidence") from error

    def add(self, piece: Evidence) -> None:
        """Under the lock only."""
        self._folder.mkdir(mode=0o755, exist_ok=True)
        pieces = replaced(self.read(piece.key), piece)
        write_whole(self._file(piece.key), "".join(f"{to_text(asdict(each))}\n" for each in pieces))

    def _file(self, key: str) -> Path:
        """Keys hold slashes, and more characters than a name may have."""
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.jsonl"
