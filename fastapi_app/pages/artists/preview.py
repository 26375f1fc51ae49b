"""What merging artists would do, before anybody does it. Pure; the decisions are those of the merge itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi_app.artists.merging.copies import Copy, pairs
from fastapi_app.artists.merging.rules import Columns, united
from fastapi_app.models import INTEGER_MAX

MOST = 50
"""Artists that the page merges at once."""


@dataclass(frozen=True)
class Preview:
    """Videos that change their artist, those that exist twice and become one, and sentences about the rest."""

    moved: int
    folded: int
    gains: list[str]
    losses: list[str]


def preview(primary: Columns, others: Sequence[Columns], copies: Sequence[Copy], videos: Mapping[int, int]) -> Preview:
    """`copies` are the videos that YouTube knows, `videos` the number of videos of each artist."""
    changes = united(primary, others)
    return Preview(
        moved=sum(videos.get(other["id"], 0) for other in others),
        folded=len(pairs(copies, primary["id"])),
        gains=_gains(others, changes),
        losses=_losses(primary, others, changes),
    )


def chosen_ids(texts: Sequence[str]) -> list[int]:
    """The ids of a query or a form, each once; nonsense is left out."""
    plain = (text for text in texts if text.isascii() and text.isdecimal() and len(text) < 11)
    return list(dict.fromkeys(int(text) for text in plain if 0 < int(text) <= INTEGER_MAX))[:MOST]


def stays(wanted: Sequence[int], asked: int | None, videos: Mapping[int, int]) -> int:
    """Which artist stays: the one that is asked for, else the one with most videos, of those the first."""
    if asked is not None and asked in wanted:
        return asked
    return max(wanted, key=lambda artist_id: videos.get(artist_id, 0))


def _gains(others: Sequence[Columns], changes: Columns) -> list[str]:
    told = []
    if "keywords" in changes:
        told.append(f"has these keywords: {', '.join(map(str, changes['keywords']))}")
    if "monitored" in changes:
        told.append("is monitored, as one of the others was")
    if "auto_download" in changes:
        told.append("downloads new videos by itself, as one of the others did")
    facts = {"imvdb_id": "the IMVDb id", "spotify_id": "the Spotify id", "lastfm_name": "the Last.fm name"}
    facts |= {"thumbnail_path": "the picture"}
    for column, name in facts.items():
        giver = next((other for other in others if column in changes and other[column] == changes[column]), None)
        if giver is not None:
            told.append(f"takes over {name} of {giver['name']}")
    return told


def _losses(primary: Columns, others: Sequence[Columns], changes: Columns) -> list[str]:
    facts = {"imvdb_id": "the IMVDb id", "thumbnail_path": "the picture", "folder_path": "the folder setting"}
    return [
        f"{name} of {other['name']}"
        for other in others
        for column, name in facts.items()
        if other[column] and other[column] not in (changes.get(column), primary[column])
    ]
