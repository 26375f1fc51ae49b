"""What a job that makes a backup is given."""

from pydantic import BaseModel, ConfigDict


class Backup(BaseModel):
    """Without `with_secrets` it can be shown to others, and nobody can log in with it."""

    model_config = ConfigDict(extra="forbid")

    title: str = "Backup"
    with_secrets: bool = True
