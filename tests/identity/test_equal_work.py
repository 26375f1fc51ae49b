"""Whoever guesses learns nothing from the work that a refusal takes: one comparison of hashes, whoever was named."""

import bcrypt
import pytest

from migration_flags import Stage
from tests.identity.people import PASSWORD, sent
from tests.legacy_flask.hybrid import Hybrid
from tests.parity.library import Library

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that were compared with a password, by any of the libraries that can."""
    seen: list[str] = []
    real = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        seen.append(hashed.decode())
        return real(password, hashed)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return seen


@BOTH
async def test_every_refusal_takes_the_same_work(
    hybrid: Hybrid, library: Library, stage: Stage, comparisons: list[str]
) -> None:
    await hybrid.move(stage)
    names = {
        "nobody-of-that-name": PASSWORD,
        "reader": "Wrong-Horse1!",
        "locked": PASSWORD,
        "retired": PASSWORD,
        "n" * 300: PASSWORD,
    }
    told = {}
    for name, password in names.items():
        comparisons.clear()
        answer = await sent(hybrid, "POST", "/auth/login", {}, {"username": name, "password": password})
        assert answer.status == 401, name
        assert len(comparisons) == 1, name
        told[name] = answer.json["error"]
    assert told["nobody-of-that-name"] == told["reader"] == told["n" * 300]
