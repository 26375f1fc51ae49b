"""What the routes of backups take and answer, for the description of the API."""

from pydantic import BaseModel, Field


class NewBackup(BaseModel):
    """What to save."""

    with_secrets: bool = Field(True, description="Passwords, keys and logins; without them nobody can log in with it")


class Confirmation(BaseModel):
    """So that no library is replaced by mistake."""

    confirm: str = Field(description="The name of the backup once more")


class OneBackup(BaseModel):
    name: str
    bytes: int
    at: str


class BackupList(BaseModel):
    """The newest first."""

    backups: list[OneBackup]
    folder: str


class Submitted(BaseModel):
    """The job that makes it: `/api/jobs/{id}` tells how far it is."""

    created: bool
    job_id: int


class Checked(BaseModel):
    """What a whole backup holds."""

    name: str
    made_at: str
    version: str
    dialect: str
    with_secrets: bool
    rows: int
    tables: int
    thumbnails: int


class Restored(BaseModel):
    """What came back, and the backup of the library as it was."""

    rows: int
    thumbnails: int
    left_out: list[str]
    safety: str | None


class Deleted(BaseModel):
    success: bool
