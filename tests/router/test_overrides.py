"""A request may say which side shall answer, if somebody trusted has signed that."""

from typing import Any

import pytest

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Route, Side
from router.override import Claim, from_cookie, in_cookie, read_claim, sign
from router.visitor_cookie import derived_key
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio

KEY = "GET /a"
SECRET = "a secret of the test"
SIGNING = derived_key(SECRET, b"override")
FAR = 4_000_000_000
GOOD = sign(SIGNING, Side.MODERN, FAR, "ada")


def legacy(environ: Any, start_response: Any) -> list[bytes]:
    assert "HTTP_X_STRANGLER_SIDE" not in environ
    start_response("200 OK", [])
    return [b"legacy"]


async def modern(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    assert b"x-strangler-side" not in dict(scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"modern"})


def rig_of(**options: Any) -> Rig:
    return Rig(MemoryStore(), legacy=legacy, modern=modern, routes=[Route(KEY)], **options)


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.SHADOW, Stage.CANARY])
@pytest.mark.parametrize("where", ["header", "cookie"])
async def test_a_signed_override_is_honoured_at_any_stage(where: str, stage: Stage) -> None:
    rig = rig_of(secret=SECRET)
    rig.set(KEY, stage, 0.0 if stage is Stage.CANARY else None)
    headers = {"x-strangler-side": GOOD} if where == "header" else {"cookie": f"a=b; strangler_side={in_cookie(GOOD)}"}
    async with running(rig.router):
        answer = await rig.ask("GET", "/a", headers=headers)
        assert (answer.side, answer.headers["vary"], answer.headers["cache-control"]) == ("modern", "Cookie", "private")
        assert rig.router._selector.claims == {Claim.HONOURED: 1}


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("modern", Claim.REFUSED),
        (GOOD.replace("modern", "legacy"), Claim.FORGED),
        (GOOD.replace("by=ada", "by=eve"), Claim.FORGED),
        (GOOD.replace(str(FAR), str(FAR + 1)), Claim.FORGED),
        (GOOD[:-1], Claim.FORGED),
        (sign(derived_key("another", b"override"), Side.MODERN, FAR, "ada"), Claim.FORGED),
        (sign(derived_key(SECRET, b"visitor"), Side.MODERN, FAR, "ada"), Claim.FORGED),
        (sign(SIGNING, Side.MODERN, 1, "ada"), Claim.EXPIRED),
        ("", Claim.FORGED),
        ("\xff" * 5000, Claim.FORGED),
    ],
)
async def test_a_forged_override_is_ignored_and_counted(text: str, claim: Claim) -> None:
    rig = rig_of(secret=SECRET)
    async with running(rig.router):
        answer = await rig.ask("GET", "/a", headers={"x-strangler-side": text})
        assert (answer.status, answer.side) == (200, "legacy")
        assert "cache-control" not in answer.headers
        assert rig.router._selector.claims == {claim: 1}
        cookie = await rig.ask("GET", "/a", headers={"cookie": f"strangler_side={in_cookie(text)}"})
        assert cookie.side == "legacy"


@pytest.mark.parametrize("secret", [None, SECRET])
async def test_overrides_are_never_on_by_default(secret: str | None) -> None:
    rig = rig_of(secret=secret)
    async with running(rig.router):
        for headers in ({"x-strangler-side": "modern"}, {"cookie": "strangler_side=modern"}):
            assert (await rig.ask("GET", "/a", headers=headers)).side == "legacy"


async def test_an_unsigned_override_is_for_whom_the_application_trusts() -> None:
    asked: list[str] = []

    async def authorize(scope: Any, action: str) -> bool:
        asked.append(action)
        return b"x-staff" in dict(scope["headers"])

    rig = rig_of(authorize=authorize)
    async with running(rig.router):
        staff = {"x-strangler-side": "modern", "x-staff": "1"}
        assert (await rig.ask("GET", "/a", headers=staff)).side == "modern"
        assert (await rig.ask("GET", "/a", headers={"x-strangler-side": "modern"})).side == "legacy"
        assert set(asked) == {"override"}
        rig.set(KEY, Stage.MODERN)
        assert (await rig.ask("GET", "/a", headers={**staff, "x-strangler-side": "legacy"})).side == "legacy"


async def test_two_overrides_are_none() -> None:
    rig = rig_of(secret=SECRET)
    async with running(rig.router):
        answer = await rig.ask("GET", "/a", headers=[("x-strangler-side", GOOD), ("x-strangler-side", GOOD)])
        assert answer.side == "legacy"


@pytest.mark.parametrize("stage", [Stage.MODERN, Stage.RETIRED])
async def test_nothing_overrides_a_retired_route(stage: Stage) -> None:
    rig = rig_of(secret=SECRET)
    rig.set(KEY, stage)
    async with running(rig.router):
        answer = await rig.ask("GET", "/a", headers={"x-strangler-side": sign(SIGNING, Side.LEGACY, FAR, "ada")})
        assert answer.side == ("modern" if stage is Stage.RETIRED else "legacy")


def test_a_signature_survives_a_cookie() -> None:
    assert from_cookie(in_cookie(GOOD)) == GOOD
    assert not set(in_cookie(GOOD)) & set(' ;,"\\')
    assert read_claim(SIGNING, GOOD, 0) == (Claim.HONOURED, Side.MODERN)
    assert read_claim(None, GOOD, 0) == (Claim.FORGED, None)


@pytest.mark.parametrize("by", ["", "a b", "a;sig=", "ä", "x" * 65, "a\n"])
def test_a_name_that_no_header_can_carry_is_not_signed(by: str) -> None:
    with pytest.raises(ValueError, match="name"):
        sign(SIGNING, Side.MODERN, FAR, by)
