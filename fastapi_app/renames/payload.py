"""What a job that renames files is given."""

from pydantic import BaseModel, ConfigDict


class RenameFiles(BaseModel):
    """The number of a run: its row says all else."""

    model_config = ConfigDict(extra="forbid")

    title: str = "Rename files"
    rename_id: int
