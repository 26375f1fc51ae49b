"""One login, two sides: made on either, it acts on both, and what ends it on one ends it on the other at once."""

from collections.abc import Awaitable, Callable
from itertools import product

import pytest

from fastapi_app.models import UserRole
from migration_flags import Stage
from tests.identity.people import PASSWORD, add, change, later, sent, user
from tests.legacy_flask.hybrid import Hybrid
from tests.parity.library import Library

pytestmark = pytest.mark.anyio

SIDES = (Stage.LEGACY, Stage.MODERN)
PAIRS = pytest.mark.parametrize(("here", "there"), list(product(SIDES, SIDES)))
READ = "GET /api/artists/"
Headers = dict[str, str]


async def statuses(hybrid: Hybrid, headers: Headers) -> list[int]:
    """What the legacy side and the modern side answer to a read."""
    found = []
    for side in SIDES:
        await hybrid.move(side, [READ])
        answer = await sent(hybrid, "GET", "/api/artists/", headers)
        assert answer.side == side.value
        found.append(answer.status)
    return found


async def new_login(hybrid: Hybrid, side: Stage, name: str = "anna") -> Headers:
    """The cookie of a login made on one side."""
    await hybrid.move(side)
    return {"cookie": await hybrid.log_in(name)}


async def new_token(hybrid: Hybrid, side: Stage, name: str = "anna") -> Headers:
    """The access token of a login made on one side, without its cookie."""
    await hybrid.move(side)
    body = {"username": name, "password": PASSWORD, "grant_type": "password"}
    answer = await sent(hybrid, "POST", "/auth/login", {}, body)
    assert answer.status == 200
    return {"authorization": f"Bearer {answer.json['access_token']}"}


async def new_key(hybrid: Hybrid, side: Stage, name: str = "anna") -> tuple[Headers, str]:
    """An API key made on one side, and the address that revokes it."""
    cookie = await new_login(hybrid, side, name)
    answer = await sent(hybrid, "POST", "/api/keys", cookie, {"name": "player", "role": "READONLY"})
    assert answer.status == 201
    return {"x-api-key": answer.json["key"]}, f"/api/keys/{answer.json['api_key']['id']}"


@PAIRS
@pytest.mark.parametrize("make", [new_login, new_token], ids=["cookie", "token"])
async def test_a_logout_on_either_side_ends_it_on_both(
    hybrid: Hybrid, here: Stage, there: Stage, make: Callable[[Hybrid, Stage], Awaitable[Headers]]
) -> None:
    headers = await make(hybrid, here)
    assert await statuses(hybrid, headers) == [200, 200]
    await hybrid.move(there)
    assert (await sent(hybrid, "POST", "/auth/logout", headers)).status == 200
    assert await statuses(hybrid, headers) == [401, 401]


@PAIRS
async def test_a_revoked_key_is_refused_by_both(hybrid: Hybrid, here: Stage, there: Stage) -> None:
    headers, address = await new_key(hybrid, here)
    assert await statuses(hybrid, headers) == [200, 200]
    owner = await new_login(hybrid, there)
    assert (await sent(hybrid, "DELETE", address, owner)).status == 200
    assert await statuses(hybrid, headers) == [401, 401]


@pytest.mark.parametrize("side", SIDES)
async def test_a_token_ends_with_the_login_that_it_was_made_of(hybrid: Hybrid, side: Stage) -> None:
    cookie = await new_login(hybrid, side)
    answer = await sent(hybrid, "POST", "/auth/token", cookie, {})
    token = {"authorization": f"Bearer {answer.json['access_token']}"}
    assert await statuses(hybrid, token) == [200, 200]
    await sent(hybrid, "POST", "/auth/logout", cookie)
    assert await statuses(hybrid, token) == [401, 401]


@pytest.mark.parametrize("side", SIDES)
async def test_a_user_who_was_deactivated_is_out_everywhere(hybrid: Hybrid, library: Library, side: Stage) -> None:
    name = f"leaver-{side}"
    await later(add, library.config, user(name))
    held = [await new_login(hybrid, side, name), await new_token(hybrid, side, name)]
    held.append((await new_key(hybrid, side, name))[0])
    for headers in held:
        assert await statuses(hybrid, headers) == [200, 200]
    await later(change, library.config, name, is_active=False)
    for headers in held:
        assert await statuses(hybrid, headers) == [401, 401]


@pytest.mark.parametrize("side", SIDES)
async def test_a_lower_role_counts_at_once_for_all_that_hangs_on_it(
    hybrid: Hybrid, library: Library, side: Stage
) -> None:
    name = f"demoted-{side}"
    await later(add, library.config, user(name, UserRole.MANAGER))
    held = [await new_login(hybrid, side, name), await new_token(hybrid, side, name)]
    await later(change, library.config, name, role=UserRole.READONLY)
    for headers in held:
        for stage in SIDES:
            await hybrid.move(stage)
            assert (await sent(hybrid, "DELETE", "/api/artists/999999", headers)).status == 403
            assert (await sent(hybrid, "GET", "/api/artists/", headers)).status == 200


@PAIRS
async def test_both_sides_say_who_it_is(hybrid: Hybrid, here: Stage, there: Stage) -> None:
    for headers in (await new_login(hybrid, here), await new_token(hybrid, here), (await new_key(hybrid, here))[0]):
        await hybrid.move(there)
        for path in ("/auth/check", "/auth/me"):
            answer = await sent(hybrid, "GET", path, headers)
            assert (answer.status, answer.json["user"]["username"]) == (200, "anna")


@PAIRS
async def test_a_login_voids_what_the_browser_held_before(hybrid: Hybrid, here: Stage, there: Stage) -> None:
    """Fixation: whoever planted a login of their own in the browser has nothing when its owner logs in."""
    planted = await new_login(hybrid, here, "reader")
    await hybrid.move(there)
    body = {"username": "anna", "password": PASSWORD}
    answer = await sent(hybrid, "POST", "/auth/login", planted, body)
    assert answer.status == 200
    assert answer.headers["set-cookie"].partition(";")[0] != planted["cookie"]
    assert await statuses(hybrid, planted) == [401, 401]
