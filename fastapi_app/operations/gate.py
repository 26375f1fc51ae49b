"""Whether a library demands a login: an adopted one may not, and its owner has to know."""

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fastapi_app.auth.gate import GATE_SETTING, gate_is_open
from fastapi_app.models import Setting

WARNING = (
    "This library asks nobody for a login: whoever reaches the address may see and change it. "
    "To close it, log in as an administrator and set require_authentication to true."
)


def is_open(engine: Engine) -> bool:
    """Whether the gate is open. A missing setting keeps it closed."""
    with Session(engine) as session:
        return gate_is_open(session.scalar(select(Setting.value).where(Setting.key == GATE_SETTING)))
