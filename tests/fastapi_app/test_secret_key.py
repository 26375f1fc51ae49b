"""The key that signs cookies: never published, never half written, never lost."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.secret_key import UnusableSecretKey, signing_keys

KEY = "a key that only the tests know"


def configured(folder: Path, key: str | None = None, older: tuple[str, ...] = ()) -> Config:
    fallbacks = tuple(SecretStr(each) for each in older)
    secret = SecretStr(key) if key else None
    return Config(data_dir=folder, database_url="", db_host="", secret_key=secret, secret_key_fallbacks=fallbacks)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"
    (first,) = signing_keys(configured(data))
    assert signing_keys(configured(data)) == (first,)
    assert (data / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(lambda _number: signing_keys(configured(tmp_path)), range(64)))
    assert len(keys) == 1


def test_the_newest_key_comes_last(tmp_path: Path) -> None:
    older = ("the key of last year 0123", "the key of the year before")
    assert signing_keys(configured(tmp_path, KEY, older)) == (older[1], older[0], KEY)


@pytest.mark.parametrize("key", ["mvidarr-dev-key-change-in-production", "short"])
def test_keys_that_protect_nothing_are_refused(tmp_path: Path, key: str) -> None:
    for config in (configured(tmp_path, key), configured(tmp_path, KEY, (key,))):
        with pytest.raises(UnusableSecretKey, match="MVIDARR_SECRET_KEY"):
            signing_keys(config)
    (tmp_path / "secret_key").write_text(key)
    with pytest.raises(UnusableSecretKey, match="secret_key"):
        signing_keys(configured(tmp_path))


@pytest.mark.anyio
async def test_a_key_that_protects_nothing_stops_the_start(tmp_path: Path) -> None:
    app = create_app(configured(tmp_path, "short"))
    with pytest.raises(UnusableSecretKey):
        async with app.router.lifespan_context(app):
            pass
