"""What a backup says of itself: the last member of its archive. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from fastapi_app.backup.refusals import BackupInvalid

FORMAT = 1
NAME = "manifest.json"
TABLES = "database"
THUMBNAILS = "thumbnails"
CONFIGURATION = "configuration/configuration.json"
SECRET_KEY = "configuration/secret_key"  # noqa: S105 - the name of a file
_TABLE_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Member:
    """One file of the archive: its bytes, their SHA-256 in hex, and for a table its rows."""

    name: str
    size: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True)
class Manifest:
    """`dialect` and `revision` are those of the database; `made_at` is UTC, ISO 8601."""

    version: str
    made_at: str
    dialect: str
    revision: str
    with_secrets: bool
    members: tuple[Member, ...]
    format: int = FORMAT

    @property
    def tables(self) -> Mapping[str, Member]:
        """The tables by name."""
        found = ((table_of(member.name), member) for member in self.members)
        return {name: member for name, member in found if name}

    @property
    def rows(self) -> int:
        return sum(member.rows or 0 for member in self.members)

    @property
    def pictures(self) -> int:
        return sum(member.name.startswith(f"{THUMBNAILS}/") for member in self.members)


def write(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()


def read(raw: bytes) -> Manifest:
    """Raises BackupInvalid."""
    try:
        content = json.loads(raw)
        members = tuple(_member(each) for each in content.pop("members"))
        manifest = Manifest(members=members, **content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BackupInvalid("The backup's manifest can't be read.") from None
    texts: tuple[object, ...] = (manifest.version, manifest.made_at, manifest.dialect, manifest.revision)
    if manifest.format != FORMAT or not all(isinstance(text, str) for text in texts):
        raise BackupInvalid("The backup's manifest is of another kind.")
    names = [member.name for member in manifest.members]
    if len(set(names)) != len(names) or not all(map(is_fit, names)):
        raise BackupInvalid("The backup's manifest names files that no backup holds.")
    return manifest


def is_fit(name: str) -> bool:
    """Whether a member may have this name: a table, the configuration, or a picture inside its folder."""
    if name in (CONFIGURATION, SECRET_KEY):
        return True
    return bool(table_of(name)) or _is_picture(name)


def table_of(name: str) -> str:
    """The table that a member holds; empty for any other."""
    folder, _, file = name.partition("/")
    table = file.removesuffix(".jsonl")
    return table if folder == TABLES and file != table and _TABLE_NAME.fullmatch(table) else ""


def member_of(table: str) -> str:
    return f"{TABLES}/{table}.jsonl"


def _is_picture(name: str) -> bool:
    parts = PurePosixPath(name).parts
    is_plain = str(PurePosixPath(name)) == name and "\\" not in name and not any(ord(char) < 32 for char in name)
    return is_plain and len(parts) > 1 and parts[0] == THUMBNAILS and ".." not in parts


def _member(content: Any) -> Member:
    name, size, digest, rows = content["name"], content["size"], content["sha256"], content.get("rows")
    fit = isinstance(name, str) and isinstance(digest, str) and _DIGEST.fullmatch(digest)
    if not fit or not isinstance(size, int) or size < 0 or not isinstance(rows, int | None):
        raise ValueError
    return Member(name, size, digest, rows)
