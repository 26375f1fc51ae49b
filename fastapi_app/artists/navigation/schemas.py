"""What stepping from artist to artist takes and answers."""

from pydantic import BaseModel, Field


class Standing(BaseModel):
    """The artist and its place."""

    id: int
    name: str
    position: int = Field(description="From 1")
    total_artists: int


class Neighbour(BaseModel):
    """The artist before or after."""

    id: int
    name: str
    video_count: int


class Steps(BaseModel):
    """Which steps there are, and the order as it was asked for."""

    has_prev: bool
    has_next: bool
    sort_by: str
    sort_order: str


class Navigation(BaseModel):
    """An artist between its neighbours."""

    current_artist: Standing
    prev_artist: Neighbour | None
    next_artist: Neighbour | None
    navigation: Steps


class OrderQuery(BaseModel):
    """Documents the query."""

    sort: str = Field(default="name", description="name, created_at, updated_at or video_count; else name")
    order: str = Field(default="asc", description="desc for descending, in any case")
