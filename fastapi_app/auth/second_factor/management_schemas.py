"""What the routes that manage the second factor take and answer."""

from pydantic import BaseModel, Field

from fastapi_app.models import UserRole
from fastapi_app.users.schemas import Done

__all__ = ["BackupCodes", "Code", "Done", "Prepared", "Proof", "Status", "StatusOf"]


class SetupData(BaseModel):
    """What an authenticator needs, and the codes for the day it is lost. Shown once."""

    qr_code: str = Field(description="A picture as a `data:` address")
    manual_entry_key: str
    backup_codes: list[str]


class Prepared(Done):
    """A second factor that waits for its first code."""

    setup_data: SetupData


class BackupCodes(Done):
    """New backup codes, shown once; the old ones count no more."""

    backup_codes: list[str]


class State(BaseModel):
    """Whether the second factor is on."""

    enabled: bool
    secret_configured: bool
    backup_codes_count: int
    setup_pending: bool


class Status(BaseModel):
    """The visitor's second factor."""

    success: bool
    status: State


class Owner(BaseModel):
    """Whose it is."""

    id: int
    username: str
    email: str
    role: UserRole | None


class StatusOf(Status):
    """Somebody's second factor."""

    user: Owner


class Code(BaseModel):
    """Documents the body of the first code."""

    token: str = Field(description="Six digits from the authenticator")


class Proof(BaseModel):
    """Documents the body of a change that the owner proves: one of the two."""

    password: str = Field(default="", description="The password of the account")
    token: str = Field(default="", description="Or six digits from the authenticator")
