"""Every setting that something reads: what it is called, what it may hold, and what holds without it. Data, and pure.

Rows of other names are kept as they come, as in 0.9, and no page shows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fastapi_app.downloads.quality import BEST, HEIGHTS
from fastapi_app.errors import BadField
from fastapi_app.settings.kinds import Choice, Days, Folder, Kind, Languages, Number, Secret, Switch, Template, Time
from fastapi_app.settings.rules import MASK, folded


class Group(StrEnum):
    """A part of the settings, in the order in which they are shown."""

    GENERAL = "general"
    SECURITY = "security"
    SERVICES = "services"
    DOWNLOADS = "downloads"
    LIBRARY = "library"
    DATABASE = "database"
    SYSTEM = "system"


TITLES: Mapping[Group, str] = {
    Group.GENERAL: "General",
    Group.SECURITY: "Security",
    Group.SERVICES: "Services",
    Group.DOWNLOADS: "Downloads",
    Group.LIBRARY: "Library and naming",
    Group.DATABASE: "Database",
    Group.SYSTEM: "System",
}


NAMING = "Naming"
"""The section under which names are, with what belongs to them."""


@dataclass(frozen=True)
class Entry:
    """One setting. `default` holds where there is no row, or an empty one; `section` is the heading that it is under.

    Every setting is read each time it is needed, so none of them asks for a restart.
    """

    key: str
    group: Group
    section: str
    label: str
    help: str
    kind: Kind
    default: str = ""


_QUALITY = Choice(
    (
        (BEST, "Best, up to 1080p"),
        ("2160p", "2160p (4K)"),
        ("1440p", "1440p"),
        ("1080p", "1080p"),
        ("720p", "720p"),
        ("480p", "480p"),
        ("360p", "360p"),
        ("240p", "240p"),
        ("audio", "Sound only"),
    ),
    frozenset({"4k", *(name.removesuffix("p") for name in HEIGHTS)}),
)

CATALOGUE: tuple[Entry, ...] = (
    Entry(
        "music_videos_path",
        Group.GENERAL,
        "Folders",
        "Library",
        "Where films are kept, a folder for each artist. data/ is the data folder; a folder elsewhere must be named in "
        "MVIDARR_MEDIA_ROOTS first. Films that are there already stay where they are.",
        Folder(),
        "data/musicvideos",
    ),
    Entry(
        "downloads_path",
        Group.GENERAL,
        "Folders",
        "Incoming films",
        "Where films wait that another program downloaded. Organising moves them into the library.",
        Folder(),
        "data/downloads",
    ),
    Entry(
        "downloads_directory",
        Group.GENERAL,
        "Folders",
        "Where lost films are looked for",
        "Searched when the file of a video is missing.",
        Folder(),
        "data/downloads",
    ),
    Entry(
        "require_authentication",
        Group.SECURITY,
        "Login",
        "Ask for a login",
        "Off lets everybody who reaches this address see and change the library. Administration always asks.",
        Switch(),
        "true",
    ),
    Entry(
        "imvdb_api_key",
        Group.SERVICES,
        "IMVDb",
        "Key of IMVDb",
        "Finds the videos of an artist. IMVDb gives one to everybody with an account, at imvdb.com/developers.",
        Secret(),
    ),
    Entry(
        "youtube_api_key",
        Group.SERVICES,
        "YouTube",
        "Key of YouTube",
        "Watches playlists. Made in the Google Cloud console, for the YouTube Data API v3. Downloads work without it.",
        Secret(),
    ),
    Entry(
        "video_quality_preference",
        Group.DOWNLOADS,
        "Picture",
        "Quality",
        "The largest picture that is taken. Where a site has less, the best that it has.",
        _QUALITY,
        BEST,
    ),
    Entry(
        "minimum_video_height",
        Group.DOWNLOADS,
        "Picture",
        "Smallest picture",
        "A film with fewer lines counts as failed. 0 takes any.",
        Number(0, 4320, "lines"),
        "0",
    ),
    Entry(
        "download_subtitles",
        Group.DOWNLOADS,
        "Subtitles",
        "Download subtitles",
        "Those that the site has, beside the film.",
        Switch(),
        "false",
    ),
    Entry(
        "subtitle_languages",
        Group.DOWNLOADS,
        "Subtitles",
        "Languages",
        "Codes, separated by commas, for instance en, pt-BR.",
        Languages(),
        "en",
    ),
    Entry(
        "auto_download_schedule_enabled",
        Group.DOWNLOADS,
        "Schedule",
        "Download wanted videos by itself",
        "At the time below, without anybody asking.",
        Switch(),
        "false",
    ),
    Entry(
        "auto_download_schedule_time",
        Group.DOWNLOADS,
        "Schedule",
        "Time",
        "In the server's own time zone.",
        Time(),
        "02:00",
    ),
    Entry(
        "auto_download_schedule_days",
        Group.DOWNLOADS,
        "Schedule",
        "Days",
        "None chosen means every day.",
        Days(),
        "daily",
    ),
    Entry(
        "auto_download_max_videos",
        Group.DOWNLOADS,
        "Schedule",
        "Videos in one run",
        "The rest waits for the next one.",
        Number(1, 500, "videos"),
        "50",
    ),
    Entry(
        "download_pause",
        Group.DOWNLOADS,
        "Pace and space",
        "Pause between downloads",
        "Between two from the same site. Sites block those who hurry.",
        Number(0, 3600, "seconds", whole=False),
        "5",
    ),
    Entry(
        "download_request_pause",
        Group.DOWNLOADS,
        "Pace and space",
        "Pause between questions",
        "Between two questions to the same site, within one download.",
        Number(0, 600, "seconds", whole=False),
        "0.75",
    ),
    Entry(
        "minimum_free_space_mb",
        Group.DOWNLOADS,
        "Pace and space",
        "Space that stays free",
        "No download begins with less on the disk.",
        Number(0, 100_000_000, "MiB"),
        "512",
    ),
    Entry(
        "auto_index_organized_videos",
        Group.LIBRARY,
        "Organising",
        "Enter films that are organised",
        "A film that is moved into the library becomes a video in it.",
        Switch(),
        "true",
    ),
    Entry(
        "naming_template",
        Group.LIBRARY,
        NAMING,
        "Names of new films",
        "Folders are separated by /. Words in { } are filled in; a part in [ ] is left out where its value is missing: "
        "{artist}/{title}[ ({year})].",
        Template(),
        "{artist}/{title}",
    ),
    Entry(
        "write_nfo",
        Group.LIBRARY,
        "For media servers",
        "Write NFO files",
        "Beside each film, for Kodi, Jellyfin and Emby: after its download, and after a change.",
        Switch(),
        "false",
    ),
    Entry(
        "write_artwork",
        Group.LIBRARY,
        "For media servers",
        "Write pictures",
        "A copy of the picture beside each film.",
        Switch(),
        "false",
    ),
    Entry(
        "artwork_suffix",
        Group.LIBRARY,
        "For media servers",
        "Name of the picture",
        "What media servers look for, in film-poster.jpg for instance.",
        Choice((("-poster", "film-poster.jpg"), ("-thumb", "film-thumb.jpg"), ("none", "film.jpg"))),
        "-poster",
    ),
    Entry(
        "backup_every_days",
        Group.SYSTEM,
        "Backups",
        "Back up every",
        "0 never backs up by itself.",
        Number(0, 365, "days"),
        "0",
    ),
    Entry(
        "backup_keep",
        Group.SYSTEM,
        "Backups",
        "Backups to keep",
        "Older ones are deleted when a new one is whole.",
        Number(1, 365, "backups"),
        "7",
    ),
)

_BY_KEY: Mapping[str, Entry] = {entry.key: entry for entry in CATALOGUE}


def entry_of(key: str) -> Entry | None:
    """The setting whose row a write to `key` would change, None for one that nothing reads."""
    return _BY_KEY.get(folded(key))


def is_fitting(entry: Entry, value: str | None) -> bool:
    """Whether the setting may hold `value`. Nothing, blanks and masks always fit."""
    text = (value or "").strip()
    return not text or (isinstance(entry.kind, Secret) and text == MASK) or entry.kind.takes(text)


def check(key: str, value: str | None) -> None:
    """Raises BadField for a value that the setting's readers couldn't use. Rows that nothing reads hold anything."""
    entry = entry_of(key)
    if entry is not None and not is_fitting(entry, value):
        raise BadField(key, entry.kind.expected)
