"""What the queue of MvTV takes and answers."""

from pydantic import BaseModel, Field

from fastapi_app.pages.mvtv.rules import FIRST_DECADE, LONGEST_NAME, MOST, USUAL
from fastapi_app.playlists.shuffling import MOST_SEED


class Film(BaseModel):
    """A film that can be played at `/api/videos/{id}/stream`."""

    id: int
    title: str
    artist_id: int
    artist: str
    year: int | None
    duration: int | None = Field(description="Seconds")
    has_thumbnail: bool
    is_converted: bool = Field(description="Whether it is converted while it plays: then there is no seeking in it")


class FilmQueue(BaseModel):
    """A part of the queue."""

    films: list[Film] = Field(description="In the order in which they are played")
    more: int | None = Field(description="The id to ask `after` with, or `before`; null at the end")


class QueueQuery(BaseModel):
    """What may be asked. At most one of `at`, `after` and `before`."""

    artist: str = Field("", description="The name of an artist", max_length=LONGEST_NAME)
    genre: str = Field("", description="A genre; % and _ are wildcards", max_length=LONGEST_NAME)
    decade: int = Field(0, description="The first year of a decade, as 1990", ge=FIRST_DECADE)
    playlist: int = Field(0, description="A playlist, in its own order unless there is a seed", ge=1)
    seed: int = Field(0, description="Shuffles, always alike. Without it the newest come first", ge=1, le=MOST_SEED)
    at: int = Field(0, description="Begin with the film with this id", ge=1)
    after: int = Field(0, description="Begin behind it, wherever it would stand", ge=1)
    before: int = Field(0, description="End before it", ge=1)
    limit: int = Field(USUAL, ge=1, le=MOST)


class Captions(BaseModel):
    """The captions beside a film."""

    languages: list[str] = Field(description="As the names of their files say", examples=[["en", "pt-BR"]])
