"""What the routes of playlists take and answer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from fastapi_app.models import VideoStatus
from fastapi_app.playlists import criteria, rules
from fastapi_app.playlists.shuffling import MOST_SEED
from fastapi_app.thumbnails.schemas import PictureMetadata

_SECONDS = Field(description="Seconds, of the videos whose length is known")
_MOMENT = Field(description="UTC, without an offset")
_POSITION = Field(description="From 1, without gaps")


class Playlist(BaseModel):
    """One playlist, as lists show it."""

    id: int
    name: str = Field(examples=["Sunday"])
    description: str | None
    user_id: int | None = Field(description="Whose it is; null: everybody's")
    username: str | None
    is_public: bool = Field(description="Whether others see it")
    is_featured: bool = Field(description="Put forward by those who manage the library")
    is_dynamic: bool = Field(description="Whether rules fill it")
    auto_update: bool = Field(description="Of a dynamic one: whether the rules are looked at on every read")
    video_count: int = Field(description="In lists, of a playlist with `auto_update`: what was counted last")
    total_duration: int = _SECONDS
    thumbnail_url: str | None = Field(description="Its own picture, uploaded or set by address")
    created_at: datetime = _MOMENT
    updated_at: datetime = _MOMENT
    can_modify: bool = Field(description="Whether the visitor may change it")


class ListedPlaylist(Playlist):
    """The same in a list that was asked for a video."""

    has_video: bool | None = Field(default=None, description="Whether it has an entry of the video asked for")


class Pagination(BaseModel):
    """Where a page stands."""

    page: int
    per_page: int
    total: int
    pages: int
    has_next: bool
    has_prev: bool


class PlaylistPage(BaseModel):
    """One page of playlists."""

    success: bool
    playlists: list[ListedPlaylist]
    pagination: Pagination


class Video(BaseModel):
    """A video of a playlist."""

    id: int
    title: str
    artist_id: int
    artist_name: str | None
    year: int | None
    duration: int | None = Field(description="Seconds")
    status: VideoStatus | None
    thumbnail_url: str | None
    has_thumbnail: bool
    is_playable: bool = Field(description="Whether there is a film")


class Entry(BaseModel):
    """A video in its place."""

    id: int | None = Field(description="Of the entry; null where rules are looked at by themselves")
    video_id: int
    position: int = _POSITION
    added_at: datetime | None
    video: Video


class PlaylistWithEntries(Playlist):
    """One playlist with what it has."""

    filter_criteria: dict[str, Any] | None = Field(description="The rules of a dynamic one: see `FilterCriteria`")
    refreshed_at: datetime | None = Field(description="When the rules were looked at last")
    entries: list[Entry] = Field(default=[], description="One page of them")


class FullPlaylist(BaseModel):
    """One playlist; `pagination` is of its entries."""

    success: bool
    playlist: PlaylistWithEntries
    pagination: Pagination | None = None


class Done(BaseModel):
    """It worked."""

    message: str


class Added(Done):
    """What became of videos that were put in."""

    added_count: int
    skipped_count: int = Field(description="Videos that were in it already")
    playlist_id: int
    unknown_ids: list[Any] = Field(description="What is no video's id, as it was sent")


class DeletionError(BaseModel):
    """Why one was not deleted."""

    playlist_id: Any
    error: str


class DeletedPlaylists(Done):
    """What became of each."""

    deleted_count: int
    total_requested: int
    errors: list[DeletionError] = Field(default=[], description="Only where there are any")


class Found(BaseModel):
    """What rules find."""

    total_matches: int
    preview_videos: list[Video]
    limit: int


class Preview(BaseModel):
    """Rules that were tried."""

    success: bool
    preview: Found


class Refreshing(BaseModel):
    """What looking anew changed."""

    video_count: int
    added_count: int
    removed_count: int


class Refreshed(Done):
    """A dynamic playlist that was looked for anew."""

    playlist_id: int
    result: Refreshing


class ChangedRules(Done):
    """A dynamic playlist with other rules."""

    success: bool
    playlist_id: int
    video_count: int


class ChangedPicture(Done):
    """A picture that was set by address, or removed."""

    thumbnail_url: str | None


class UploadedPicture(Done):
    """A picture that was uploaded."""

    thumbnail_url: str
    metadata: PictureMetadata


class Film(BaseModel):
    """A video to play."""

    id: int = Field(description="Of the video")
    place: int = Field(description="In the order that was asked for, from 1")
    title: str
    artist: str | None
    artist_id: int
    year: int | None
    duration: int | None
    has_thumbnail: bool
    source: str = Field(description="The address of the film")


class Queue(BaseModel):
    """A stretch of what is played."""

    playlist_id: int
    name: str
    shuffle: int | None = Field(description="The seed of the order")
    total: int = Field(description="Films in all")
    films: list[Film]
    has_prev: bool
    has_next: bool


class PageQuery(BaseModel):
    """Documents paging."""

    page: int = Field(default=1, ge=1, description="A page past the end is empty")
    per_page: int = Field(default=rules.PER_PAGE, ge=1, le=rules.MOST_PER_PAGE)


class ListQuery(PageQuery):
    """Documents the query of the lists."""

    search: str = Field(default="", description="Part of name or description, blind to case and accents")
    owner: Literal["visible", "mine", "all"] = Field(
        default="visible", description="`all` shows managers private ones of others, too"
    )
    is_dynamic: str = Field(default="", description="true or false: only those; all without it")
    is_featured: str = Field(default="", description="true or false: only those; all without it")
    can_modify: str = Field(default="", description="true: only those that the visitor may change")
    video_id: int = Field(default=0, ge=1, description="Each tells in `has_video` whether it has this video")
    sort: Literal["name", "created_at", "updated_at"] = Field(default="name")
    order: str = Field(default="asc", description="desc for descending, in any case")


class OneQuery(PageQuery):
    """Documents the query of one playlist. Pages are of entries."""

    include_entries: str = Field(default="true", description="false: only the playlist itself")


class QueueQuery(BaseModel):
    """Documents the query of the queue."""

    shuffle: int = Field(default=0, ge=0, le=MOST_SEED, description="A seed; without it, in order")
    after: int = Field(default=0, ge=1, description="What follows this video. From the first, where it is gone")
    before: int = Field(default=0, ge=1, description="What ends before this video. Nothing, where it is gone")
    limit: int = Field(default=rules.QUEUED, ge=1, le=rules.MOST_QUEUED)


class NewPlaylist(BaseModel):
    """Documents the body of the creation."""

    name: str = Field(min_length=1, max_length=rules.NAME_LENGTH)
    description: str | None = Field(default=None, max_length=rules.DESCRIPTION_LENGTH)
    is_public: bool = False
    is_featured: bool = Field(default=False, description="For those who manage the library")


class PlaylistChange(BaseModel):
    """Documents the body of the change. Only members that are present change; at least one must be."""

    name: str = Field(default="", min_length=1, max_length=rules.NAME_LENGTH)
    description: str | None = Field(default=None, max_length=rules.DESCRIPTION_LENGTH)
    is_public: bool = False
    is_featured: bool = Field(default=False, description="For those who manage the library")


class Addition(BaseModel):
    """Documents the body that puts videos in."""

    video_ids: list[int] = Field(min_length=1, max_length=rules.MOST_AT_ONCE)
    position: int | None = Field(default=None, ge=1, description="Where the first one goes; without it, at the end")


class Move(BaseModel):
    """Documents the body of the move."""

    entry_id: int = Field(ge=1)
    new_position: int = Field(ge=1, description="From 1; beyond the end is the end")


class Deletion(BaseModel):
    """Documents the body that deletes many."""

    playlist_ids: list[int] = Field(min_length=1, max_length=rules.MOST_AT_ONCE)


class PictureChange(BaseModel):
    """Documents the body that sets a picture by address."""

    thumbnail_url: str | None = Field(default=None, max_length=rules.ADDRESS_LENGTH, description="null removes it")


_LIST: dict[str, Any] = {"default": [], "max_length": criteria.MOST_VALUES}
_ARTISTS = Field(**_LIST, description="Ids of artists")
_NAMES = Field(**_LIST, description="Names of artists, whole, blind to case and accents")
_GENRES = Field(**_LIST, description="Genres of the video, whole, blind to case")
_WORDS = Field(**_LIST, description="Parts of the title, blind to case and accents; no wildcards")
_STATUS = Field(**_LIST, description="Where the video stands")
_QUALITY = Field(**_LIST, description="Quality as stored", examples=[["1080p"]])
_SOURCE = Field(**_LIST, description="Known from YouTube, from IMVDb, or from neither")
_OFTEN = Literal["all", "any"]


class Exclusion(BaseModel):
    """What keeps a video out: any value of any list."""

    artists: list[int] = _ARTISTS
    artist_names: list[str] = _NAMES
    genres: list[str] = _GENRES
    words: list[str] = _WORDS
    status: list[VideoStatus] = _STATUS
    quality: list[str] = _QUALITY
    source: list[Literal["youtube", "imvdb", "manual"]] = _SOURCE


class FilterCriteria(BaseModel):
    """The rules of a dynamic playlist. Each key is a condition; without any, every video fits."""

    match: _OFTEN = Field(default="all", description="Whether all conditions must hold, or any one of them")
    artists: list[int] = _ARTISTS
    artist_names: list[str] = _NAMES
    genres: list[str] = _GENRES
    genres_match: _OFTEN = Field(default="any", description="Whether a video needs all of the genres, or one")
    words: list[str] = _WORDS
    words_match: _OFTEN = Field(default="any", description="Whether a title needs all of the words, or one")
    status: list[VideoStatus] = _STATUS
    quality: list[str] = _QUALITY
    source: list[Literal["youtube", "imvdb", "manual"]] = _SOURCE
    year_from: int | None = Field(default=None, ge=0, le=9999)
    year_to: int | None = Field(default=None, ge=0, le=9999, description="Included; with `year_from` one condition")
    duration_from: int | None = Field(default=None, ge=0, description="Seconds")
    duration_to: int | None = Field(default=None, ge=0, description="Seconds, included; with `duration_from` one")
    added_within_days: int | None = Field(default=None, ge=1, le=36500, description="Came into the library since")
    has_file: bool | None = Field(default=None, description="Whether there is a film")
    exclude: Exclusion = Field(default=Exclusion(), description="Holds whatever `match` says")
    sort: Literal["title", "artist", "year", "added", "duration"] = "title"
    order: Literal["asc", "desc"] = "asc"
    limit: int | None = Field(default=None, ge=1, le=criteria.MOST_VIDEOS, description="The first so many, in order")


class NewDynamic(NewPlaylist):
    """Documents the body that makes a dynamic playlist."""

    filter_criteria: FilterCriteria
    auto_update: bool = Field(default=True, description="false: what is found is stored, until it is refreshed")


class Trial(BaseModel):
    """Documents the body that tries rules."""

    filter_criteria: FilterCriteria
    limit: int = Field(default=rules.PREVIEWED, ge=1, le=rules.MOST_PREVIEWED)


class RulesChange(BaseModel):
    """Documents the body that sets rules."""

    filter_criteria: FilterCriteria
    auto_update: bool | None = Field(default=None, description="null leaves it")
