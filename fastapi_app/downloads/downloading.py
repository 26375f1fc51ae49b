"""One download, from its address to its place in the library. What the job of kind `download` runs."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.downloads import cookies, incoming, options, placing, proof, recording
from fastapi_app.downloads.addresses import host_of
from fastapi_app.downloads.failures import ErrorClass, Facts, classified, failure
from fastapi_app.downloads.fetching import Fetcher, Parts, files_of, film_params, single, size_of
from fastapi_app.downloads.library import Library
from fastapi_app.downloads.options import Pace, Surroundings
from fastapi_app.downloads.order import Order, read_order
from fastapi_app.downloads.pacing import wait_for_turn
from fastapi_app.downloads.payload import Download
from fastapi_app.downloads.plan import Plan
from fastapi_app.downloads.planning import aimed, planned
from fastapi_app.downloads.quality import choice
from fastapi_app.downloads.transcript import Transcript
from fastapi_app.jobs.work import Done, Failed, FailedForNow, Work
from fastapi_app.media.files import existing_file
from fastapi_app.nfo import handing_in as nfo
from fastapi_app.operations.ffmpeg import executable

_WATCH_SECONDS = 2.0
_KEPT_WITH = frozenset({ErrorClass.BOT_CHECK, ErrorClass.MOUNT_MISSING})
"""Blocks of the queue after which a part of the film is still worth having. Of a full disk it is taken away."""


def download(work: Work) -> Done:
    """Runs a job of kind `download`. Raises Failed, FailedForNow, QueueBlocked, Interrupted."""
    return run(work, Pace())


def run(work: Work, pace: Pace) -> Done:
    """The same at another pace."""
    with work.session() as session:
        order = read_order(session, work)
    plan = Plan.from_json(work.task.plan)
    if plan is not None and placing.is_placed(work.config, plan):
        return _done(work, order, plan)
    try:
        folder = incoming.make(order.library.folder, work.task.id)
        if plan is None or not placing.is_waiting(folder, plan):
            plan = _fetched(work, order, folder, pace)
        return _placed(work, order, folder, plan)
    except Failed as failed:
        if not _keeps_parts(failed, work.task.attempt, order.attempt_limit):
            incoming.drop(order.library.folder, work.task.id)
        raise
    except OSError as error:
        incoming.drop(order.library.folder, work.task.id)
        raise failure(_class_of(error)) from error


def _keeps_parts(failed: Failed, attempt: int, limit: int) -> bool:
    return failed.kind in _KEPT_WITH or (isinstance(failed, FailedForNow) and attempt < limit)


def _fetched(work: Work, order: Order, folder: Path, pace: Pace) -> Plan:
    """Fetches the film into `folder` and proves it."""
    transcript = Transcript()
    asked = replace(pace, request_pause=order.preferences.request_pause)
    around = Surroundings(
        executable(), transcript, asked, cookies.load(work.config), work.config.allow_private_addresses
    )
    fetcher = Fetcher(around, transcript, time.time)
    wanted = choice(order.quality)
    address = address_of(order.payload, work.config)
    _take_turn(work, order, address)
    work.progress(stage="extracting", message="Looking at the page")
    info = _look(fetcher, address, film_params(around, wanted, folder), is_search=not order.payload.url)
    order.library.check(size_of(info) * (2 if files_of(info) > 1 else 1))
    parts = Parts(partial(_tell, work), _watching(order.library, time.monotonic), files_of(info))
    had_part = any(folder.iterdir())
    work.progress(stage="downloading", message="Downloading")
    came = fetcher.film(info, {**film_params(around, wanted, folder, parts), "postprocessor_hooks": [_merging(work)]})
    found = _proven(work, order, folder, around.ffmpeg, came, had_part=had_part)
    work.progress(stage="extras", percent=100.0, speed=0, eta=0, message="Fetching picture and subtitles")
    fetcher.extras(info, options.for_extras(around, folder, order.languages))
    return planned(work, order, folder, came, found, transcript)


def address_of(payload: Download, config: Config) -> str:
    """The address of the film, or the question that finds it."""
    if payload.url:
        return payload.url.strip()
    words = f"{payload.artist} {payload.title}".strip()
    if not words:
        raise failure(ErrorClass.NO_URL)
    search = config.search_address
    return search + (quote_plus(words) if "://" in search else words)


def _take_turn(work: Work, order: Order, address: str) -> None:
    host = host_of(address) or "www.youtube.com"
    work.progress(stage="waiting", message=f"Waiting for a turn at {host}"[:200])
    wait_for_turn(work.config.data_dir / "cache" / "turns", host, order.preferences.pause, time.time, time.sleep)


def _look(fetcher: Fetcher, address: str, params: dict[str, Any], *, is_search: bool) -> dict[str, Any]:
    found = fetcher.look(address, params, is_search=is_search)
    if is_search and found.get("_type") == "playlist" and not list(found.get("entries") or ()):
        raise failure(ErrorClass.NO_URL, log=fetcher.transcript.text)
    return single(found)


def _tell(work: Work, told: Any) -> None:
    work.progress(**told)


def _merging(work: Work) -> Callable[[dict[str, Any]], None]:
    def hook(said: dict[str, Any]) -> None:
        if said.get("status") == "started" and said.get("postprocessor") == "Merger":
            work.progress(stage="merging", speed=0, eta=0, message="Putting picture and sound together")

    return hook


def _watching(library: Library, clock: Callable[[], float]) -> Callable[[int], None]:
    """Looks at the disk now and then while a film comes in."""
    last = clock()

    def watch(_missing: int) -> None:
        nonlocal last
        if clock() - last >= _WATCH_SECONDS:
            last = clock()
            library.check()

    return watch


def _proven(
    work: Work, order: Order, folder: Path, ffmpeg: str, came: dict[str, Any], *, had_part: bool
) -> proof.Facts:
    """The facts of a film that is whole, good enough, and no worse than the one before it."""
    work.progress(stage="checking", percent=100.0, speed=0, eta=0, message="Checking the film")
    try:
        found = proof.inspect(work, ffmpeg, Path(came["filepath"]))
        proof.check(found, _wanted(order, came))
        _check_against_current(work, order, ffmpeg, found)
    except Failed as failed:
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        if failed.kind == ErrorClass.BAD_FILE and had_part:  # two halves of different films, perhaps: once more, anew
            raise FailedForNow(failed.kind, failed.message, failed.log) from None
        raise
    return found


def _wanted(order: Order, came: dict[str, Any]) -> proof.Wanted:
    picture = choice(order.quality).height is not None
    duration, height = came.get("duration"), came.get("height")
    return proof.Wanted(
        duration=float(duration) if isinstance(duration, int | float) else None,
        height=int(height) if picture and isinstance(height, int | float) else None,
        least_height=order.preferences.minimum_height if picture else 0,
        picture=picture,
    )


def _check_against_current(work: Work, order: Order, ffmpeg: str, found: proof.Facts) -> None:
    """Raises Failed where the film that is there is better. One that can't be read is worse than any."""
    current = existing_file(work.config, order.current) if order.current else None
    if current is None:
        return
    try:
        there = proof.inspect(work, ffmpeg, current)
        proof.check(there, proof.Wanted(picture=found.height is not None))
    except Failed:
        return
    if (there.height or 0) > (found.height or 0):
        text = f"The film that is there has {there.height} lines, the new one {found.height or 0}: it is kept"
        raise failure(ErrorClass.TOO_LOW_QUALITY, text)


def _placed(work: Work, order: Order, folder: Path, plan: Plan) -> Done:
    """Moves the film to its place. Noted first: whoever comes next finds it there, or in the job's folder."""
    work.progress(stage="placing", percent=100.0, message="Putting it into the library")
    order.library.check()
    while True:
        work.note(plan.to_json())
        with work.shielded():
            if placing.put(work.config, folder, plan):
                return _done(work, order, plan)
        plan = aimed(work, order, plan)


def _done(work: Work, order: Order, plan: Plan) -> Done:
    def write(session: Session) -> None:
        recording.completed(session, plan, order.payload.video_id, work.task.download_id)
        nfo.after_download(session, order.payload.video_id)
        recording.after_commit(session, tidy)

    def tidy() -> None:
        placing.remove_replaced(work.config, plan)
        incoming.drop(order.library.folder, work.task.id)

    return Done(recording.result_of(plan), write)


def _class_of(error: OSError) -> ErrorClass:
    found = classified(Facts(number=error.errno))
    return found if found in {ErrorClass.DISK_FULL, ErrorClass.MOUNT_MISSING} else ErrorClass.EXTRACTION
