"""What the routes of runs take and answer, for the description of the API."""

from pydantic import BaseModel, Field


class PreviewWish(BaseModel):
    """Which films to look at."""

    template: str | None = Field(None, description="The one of the settings, where none is given")
    after: int = Field(0, description="The video behind which the page begins")
    everything: bool = Field(False, description="Also films that keep their names")
    counts: bool = Field(False, description="Count the whole library too, which takes seconds for a large one")


class PreviewLine(BaseModel):
    """A film before and after, below the library's folder."""

    video_id: int
    artist: str
    title: str
    old: str
    new: str
    state: str = Field(examples=["rename"])
    reason: str


class Counts(BaseModel):
    """The library as its rows tell. `conflict` films want a name that another one gets: they are numbered."""

    total: int
    rename: int
    unchanged: int
    outside: int
    conflict: int


class Preview(BaseModel):
    """A page of films, in the order of their videos."""

    template: str
    files: list[PreviewLine]
    looked_at: int
    after: int | None = Field(description="Where the next page begins; null on the last one")
    counts: Counts | None


class NewRename(BaseModel):
    """A run."""

    template: str | None = Field(None, description="The one of the settings, where none is given")
    keep: bool = Field(False, description="Make it the template of new downloads too")


class Submitted(BaseModel):
    """The run, and its job: `/api/jobs/{id}` tells how far it is."""

    rename_id: int
    job_id: int


class OneRename(BaseModel):
    """A run. `state` is that of its job, null where that was forgotten."""

    id: int
    template: str | None
    undoes: int | None
    undone_by: int | None
    job_id: int | None
    state: str | None
    percent: float | None
    total: int
    unchanged: int
    files: dict[str, int] = Field(description="Films by what became of them", examples=[{"done": 12, "missing": 1}])
    created_at: str


class RenameList(BaseModel):
    """The newest first."""

    renames: list[OneRename]


class OneFile(BaseModel):
    """What became of a film. Stored paths."""

    id: int
    video_id: int
    artist: str | None
    title: str | None
    old: str
    new: str
    state: str
    reason: str | None


class FileList(BaseModel):
    """Films of a run, in the order in which they moved."""

    files: list[OneFile]
    after: int | None
