"""What is timed as a decision is the decision: the router itself answers by the same side."""

from typing import Any

import pytest

from benchmarks import decision
from benchmarks.decision import decided, door, measured, subjects

pytestmark = pytest.mark.anyio


async def side_of(router: Any, scope: Any) -> str:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await router({**scope, "state": {}}, decision._receive, send)
    return str(dict(sent[0]["headers"])[b"x-served-by"].decode())


async def test_every_subject_is_answered_by_the_side_that_was_decided() -> None:
    router = door()
    asked = subjects(router)
    await decision._open(router)
    for name, scopes in asked.items():
        for scope in scopes[:20]:
            assert await side_of(router, scope) == (await decided(router, scope)).value, name
    assert {await side_of(router, scope) for scope in asked["canary, cookie, new each time"][:40]} == {
        "legacy",
        "modern",
    }
    for name in asked:
        if "override" in name:
            assert await side_of(router, asked[name][0]) == "modern", name
    await router.legacy.close()
    router._close()


async def test_every_subject_has_a_cost() -> None:
    costs = await measured(100)
    assert len({one.subject for one in costs}) == len(costs) > 5
    assert all(0 < one.decision_p50 <= one.decision_p99 for one in costs)
