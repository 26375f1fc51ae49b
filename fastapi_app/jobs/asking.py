"""What the routes about jobs share: who asks, and who is told."""

from typing import Annotated

from fastapi import Depends, Request

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import require
from fastapi_app.auth.visitor import Visitor
from fastapi_app.jobs.dispatch import Messenger

Reader = Annotated[Visitor, require(Access.READ)]
Modifier = Annotated[Visitor, require(Access.MODIFY)]
Configurer = Annotated[Visitor, require(Access.CONFIGURE)]


async def _messenger(request: Request) -> Messenger:
    """Waits for nothing, and is async: FastAPI takes every other one to a thread and back."""
    told: Messenger = request.state.jobs
    return told


Told = Annotated[Messenger, Depends(_messenger)]
