"""The key that signs login cookies: configured, or made once and kept in the data folder."""

import os
import secrets
from pathlib import Path

from fastapi_app.config import Config

FILE_NAME = "secret_key"
SHORTEST = 16
PUBLISHED = frozenset({"mvidarr-dev-key-change-in-production"})
"""Keys that stand in 0.9's public source: whoever reads it can sign any cookie with them."""


class UnusableSecretKey(Exception):
    """The key protects nothing. The message says what to do."""


def signing_keys(config: Config) -> tuple[str, ...]:
    """The keys whose cookies count, from oldest to newest; the last one signs.

    Creates the data folder's key when none is configured. Raises UnusableSecretKey.
    """
    if config.secret_key is None:
        newest = _kept_key(config.data_dir / FILE_NAME)
    else:
        newest = _checked(config.secret_key.get_secret_value(), "MVIDARR_SECRET_KEY")
    older = (_checked(key.get_secret_value(), "MVIDARR_SECRET_KEY_FALLBACKS") for key in config.secret_key_fallbacks)
    return (*reversed(tuple(older)), newest)


def _checked(key: str, name: str) -> str:
    if key in PUBLISHED:
        raise UnusableSecretKey(f"{name} is the published example; remove it, and MVidarr makes a secret one.")
    if len(key) < SHORTEST:
        raise UnusableSecretKey(
            f"{name} is shorter than {SHORTEST} characters; remove it, and MVidarr makes a good one."
        )
    return key


def _kept_key(path: Path) -> str:
    """The key in `path`, written there first when it is new. Of several processes that start at once, one writes."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _publish(path, secrets.token_urlsafe(32))
    return _checked(path.read_text("ascii").strip(), str(path))


def _publish(path: Path, key: str) -> None:
    """Writes a whole file under another name, then links it: the final name never shows half a key."""
    draft = path.with_name(f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
