"""The buttons of the page about one account."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.second_factor import management
from fastapi_app.errors import BadField, BadRequest, Conflict, NotFound
from fastapi_app.fields import query_integer
from fastapi_app.users import changes, rules
from fastapi_app.users.changes import Acting

REFUSALS = (BadRequest, Conflict, NotFound)
"""What the page tells. Whoever may not see the page is told so in the ordinary way."""

DONE: Mapping[str, str] = {
    "role": "The role was changed.",
    "activate": "The account is on again.",
    "deactivate": "The account is off; its logins, tokens and keys ended.",
    "unlock": "The lock is lifted.",
    "revoke": "The login ended.",
    "revoke_all": "All logins ended.",
    "reset_password": "The link works once, for an hour.",
    "disable_2fa": "The second factor is off.",
    "renew_codes": "The old backup codes count no more.",
}
"""What the page says afterwards, by the name of the button."""


@dataclass(frozen=True)
class Outcome:
    """What was done, and what the page shows once because of it."""

    name: str
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> str:
        return DONE[self.name]


async def act(session: AsyncSession, who: Acting, user_id: int, values: Mapping[str, str]) -> Outcome:
    """Raises one of REFUSALS, or Forbidden."""
    name = values.get("action", "")
    shown: dict[str, Any] = {}
    if name == "role":
        await changes.change_role(session, who, user_id, rules.role(values.get("role", "")))
    elif name in _SIMPLE:
        await _SIMPLE[name](session, who, user_id)
    elif name == "revoke":
        session_id = query_integer(values.get("session_id", ""), "session_id", least=1)
        await changes.revoke_login(session, who, user_id, session_id)
    elif name == "renew_codes":
        shown = {"backup_codes": await management.renew_codes(session, who, user_id)}
    elif name == "reset_password":
        shown = {"reset_code": await changes.make_reset_code(session, who, user_id)}
    else:
        raise BadField("action", f"one of {', '.join(DONE)}")
    return Outcome(name, shown)


_SIMPLE: Mapping[str, Callable[[AsyncSession, Acting, int], Awaitable[object]]] = {
    "activate": changes.activate,
    "deactivate": changes.deactivate,
    "unlock": changes.unlock,
    "revoke_all": changes.revoke_logins,
    "disable_2fa": management.disable,
}
