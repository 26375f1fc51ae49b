"""What the route of NFO files takes and answers, for the description of the API."""

from pydantic import BaseModel, Field


class Wish(BaseModel):
    """For the whole library."""

    replace: bool = Field(False, description="Also files that somebody else wrote or changed")


class Submitted(BaseModel):
    """The job that writes them: `/api/jobs/{id}` tells how far it is."""

    created: bool
    job_id: int
