"""From a proven film in its job's folder to the plan by which it gets into the library."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from fastapi_app.downloads import metadata, options, placing, proof, recording, thumbnail
from fastapi_app.downloads.order import Order
from fastapi_app.downloads.plan import Plan
from fastapi_app.downloads.quality import choice, poorer_than_wanted
from fastapi_app.downloads.transcript import Transcript
from fastapi_app.jobs.work import Work
from fastapi_app.media.paths import Roots
from fastapi_app.models import Video
from fastapi_app.naming import preferences as naming
from fastapi_app.naming.tokens import Facts


def planned(
    work: Work, order: Order, folder: Path, came: dict[str, Any], found: proof.Facts, transcript: Transcript
) -> Plan:
    """The plan for the film that came. What belongs to it lies in `folder` afterwards, and all of it is on the disk."""
    film = Path(came["filepath"])
    with film.open("rb") as file:
        os.fsync(file.fileno())
    facts, extras = film.stat(), _extras(folder, came)
    plan = Plan(film.name, facts.st_size, facts.st_mtime_ns, "", order.current, extras, _facts(order, came, found))
    plan.facts["artist"], plan.facts["title"] = _names(order, came)
    plan.facts["thumbnail_source"] = metadata.thumbnail_source(came)
    plan.facts["warnings"] = _warnings(order, found, transcript)
    return aimed(work, order, plan)


def aimed(work: Work, order: Order, plan: Plan) -> Plan:
    """The plan with the first target that is free."""
    roots = Roots.of(work.config)
    with work.session() as session:
        template = naming.read(session)
        found = template.path(_for_names(session, order, plan).values())
        artist, title = plan.facts["artist"], plan.facts["title"]
        aim = placing.Aim(
            order.library.stored, artist, title, order.current, found, in_artist_folder=template.begins_with_artist
        )
        is_named = partial(recording.is_named_by_another, session, roots, video_id=order.payload.video_id)
        target = next(placing.targets(work.config, aim, Path(plan.film).suffix, is_named))
    if thumbnail.NAME in plan.extras:
        plan.facts["thumbnail_path"] = f"{target.rpartition('.')[0]}{plan.extras[thumbnail.NAME]}"
    return placing.moved_to(plan, target)


def _for_names(session: Session, order: Order, plan: Plan) -> Facts:
    """What a naming template may name: what the row says counts before what the site says."""
    video = session.get(Video, order.payload.video_id) if order.payload.video_id is not None else None
    facts = plan.facts
    return Facts(
        facts["artist"],
        facts["title"],
        (video.year if video else None) or facts.get("year"),
        facts.get("quality"),
        video.genres if video else None,
        video.directors if video else None,
        (video.youtube_id if video else None) or facts.get("youtube_id"),
        video.imvdb_id if video else None,
    )


def _names(order: Order, came: dict[str, Any]) -> tuple[str, str]:
    """Artist and title: the site's where nobody gave any."""
    known = metadata.entry(came)
    artist = order.payload.artist or known["uploader"] or "Unknown"
    return artist, order.payload.title or known["title"] or known["id"] or "Unknown"


def _extras(folder: Path, came: dict[str, Any]) -> dict[str, str]:
    """What lies beside the film in its folder, and what follows the stem of the film in the library."""
    picture = thumbnail.make(folder)
    description = folder / "description.json"
    description.write_text(json.dumps(metadata.kept(came), ensure_ascii=False, indent=1), "utf-8")
    subtitles = {file.name: file.name.removeprefix(options.STEM) for file in folder.glob(f"{options.STEM}.*.vtt")}
    return {description.name: ".info.json", **({picture: ".jpg"} if picture else {}), **subtitles}


def _facts(order: Order, came: dict[str, Any], found: proof.Facts) -> dict[str, Any]:
    seconds = found.read or came.get("duration")
    return {
        **metadata.columns(came),
        "duration": round(seconds) if seconds else None,
        "width": found.width,
        "height": found.height,
        "codec": found.codec,
        "quality": f"{found.height}p" if found.height else order.quality,
    }


def _warnings(order: Order, found: proof.Facts, transcript: Transcript) -> list[str]:
    said = transcript.warnings[-10:]
    if poorer_than_wanted(found.height, choice(order.quality).height):
        said.append(f"The site had the film in {found.height} lines only: it may distrust this address")
    return said
