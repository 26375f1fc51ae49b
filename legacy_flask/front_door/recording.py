"""A sample of what visitors ask, kept as a corpus for `strangler replay`, where the environment wants one."""

from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.requests import Request

from fastapi_app.auth.cookies import BrowserSession, CookieSigner, cookie_value
from fastapi_app.auth.sessions import visitor_or_nobody
from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.urls import header
from router.recording.recorder import Recorder
from router.recording.rules import RecordingRules

CORPUS = "corpus.jsonl"
"""In the data folder."""
_PLAIN = frozenset({"key"})
"""The name of a setting is no secret, though it is called a key."""


class RecordingSettings(BaseSettings):
    """Read beside `Config`, which knows of no migration."""

    model_config = SettingsConfigDict(env_prefix="MVIDARR_", env_file=".env", extra="ignore", frozen=True)

    record: float = Field(default=0.0, ge=0, le=1, description="Share of the requests that is recorded; 0: none")


def recorder(config: Config) -> Recorder | None:
    """What records into the data folder; None unless `MVIDARR_RECORD` says so. Opens nothing."""
    share = RecordingSettings().record
    if not share:
        return None
    return Recorder(config.data_dir / CORPUS, RecordingRules(share=share, plain=_PLAIN), who=role)


async def role(scope: Any) -> str | None:
    """The role of the login in a cookie, by which a rehearsal logs in; None for everybody else."""
    state = scope.get("state", {})
    signer: CookieSigner | None = state.get("signer")
    library: Database | None = state.get("database")
    value = cookie_value(header(scope, b"cookie"))
    if signer is None or library is None or not value:
        return None
    presented = [pair for pair in scope["headers"] if pair[0] not in {b"authorization", b"x-api-key"}]
    request = Request({**scope, "headers": presented, "session": BrowserSession(signer, value)})
    async with library.reading() as session:
        visitor = await visitor_or_nobody(request, session)
    return None if visitor.role is None else visitor.role.value.lower()
