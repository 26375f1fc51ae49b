"""What is configured, reachable and missing, as findings with a word and a sentence each."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Engine

from fastapi_app import schema
from fastapi_app.config import Config, database_address
from fastapi_app.jobs import watch
from fastapi_app.jobs.health import Link, Load, Overview, findings
from fastapi_app.jobs.presence import Role
from fastapi_app.operations import (
    application,
    ffmpeg,
    folder,
    gate,
    inventory,
    javascript,
    listener,
    redis_server,
    tables,
)
from fastapi_app.operations.refusal import PortBusy, Refusal
from fastapi_app.schema import SchemaError, SchemaState
from fastapi_app.secret_key import FILE_NAME, UnusableSecretKey, signing_keys

_OLDEST_PYTHON = (3, 11)
_LITTLE_SPACE_BYTES = 2 * 2**30


class Verdict(StrEnum):
    """How a finding counts: only `missing` makes the doctor unhappy."""

    OK = "ok"
    NOTICE = "notice"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `message` is a sentence, with the way out where there is something to do."""

    name: str
    verdict: Verdict
    message: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def examine(config: Config) -> list[Finding]:
    """Looks at everything; changes nothing but a file that it makes and removes in an existing data folder."""
    checks: tuple[Callable[[Config], Finding], ...] = (
        _python,
        _data_folder,
        _free_space,
        _database,
        _gate,
        _films,
        _redis,
        _workers,
        _queues,
        _ffmpeg,
        _javascript,
        _port,
        _secret_key,
        _media_roots,
        _application,
    )
    return [check(config) for check in checks]


def is_well(findings: list[Finding]) -> bool:
    return all(finding.verdict is not Verdict.MISSING for finding in findings)


def _python(_config: Config) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding("Python", Verdict.MISSING, f"This is {version}; MVidarr needs 3.11 or newer.")
    return Finding("Python", Verdict.OK, version)


def _data_folder(config: Config) -> Finding:
    name = "data folder"
    if not config.data_dir.exists():
        return Finding(name, Verdict.NOTICE, f"{config.data_dir} does not exist yet; the first start makes it.")
    try:
        folder.prepare(config.data_dir)
    except Refusal as refusal:
        return Finding(name, Verdict.MISSING, str(refusal))
    return Finding(name, Verdict.OK, str(config.data_dir.resolve()))


def _free_space(config: Config) -> Finding:
    here = config.data_dir.absolute()
    existing = next(place for place in (here, *here.parents) if place.is_dir())
    free = shutil.disk_usage(existing).free
    message = f"{free / 2**30:.1f} GiB free where the data folder is."
    if free < _LITTLE_SPACE_BYTES:
        return Finding("free space", Verdict.NOTICE, f"Only {message} Downloads will fail when it is used up.")
    return Finding("free space", Verdict.OK, message)


def _database(config: Config) -> Finding:
    name = "database"
    with tables.engine_for(config) as engine:
        where = database_address(config).render_as_string(hide_password=True)
        file = tables.missing_file(engine)
        if file is not None:
            return Finding(name, Verdict.NOTICE, f"{file} does not exist yet; the first start makes it.")
        try:
            report = schema.examine(engine)
        except SchemaError as error:
            return Finding(name, Verdict.MISSING, str(error))
    if report.state is SchemaState.CURRENT:
        return Finding(name, Verdict.OK, f"{where}, revision {report.found}.")
    if tables.upgradable(report):
        return Finding(name, Verdict.NOTICE, f"{report.state.value} Run: mvidarr db upgrade")
    return Finding(name, Verdict.MISSING, f"{report.state.value} Set MVIDARR_DATABASE_URL to another database.")


def _gate(config: Config) -> Finding:
    name = "login"
    with tables.engine_for(config) as engine:
        known = _is_current(engine)
        if known and gate.is_open(engine):
            return Finding(name, Verdict.NOTICE, gate.WARNING)
    return Finding(name, Verdict.OK, "demanded." if known else "demanded by a new library.")


def _films(config: Config) -> Finding:
    name = "films"
    with tables.engine_for(config) as engine:
        if not _is_current(engine):
            return Finding(name, Verdict.OK, "none yet.")
        films = inventory.of(engine, config)
    message = f"{films.found:,} of {films.all:,} files that the library names are there."
    if films.missing:
        message += f" {len(films.missing):,} are missing, for instance {films.missing[0]!r}."
    if films.outside:
        message += (
            f" {len(films.outside):,} lie outside the folders that may be served, for instance {films.outside[0]!r}:"
            " name their folder in MVIDARR_MEDIA_ROOTS."
        )
    return Finding(name, Verdict.NOTICE if films.missing or films.outside else Verdict.OK, message)


def _is_current(engine: Engine) -> bool:
    try:
        return tables.missing_file(engine) is None and schema.examine(engine).state is SchemaState.CURRENT
    except SchemaError:
        return False


def _redis(config: Config) -> Finding:
    try:
        if not config.redis_url:
            program = redis_server.executable()
            return Finding("Redis", Verdict.OK, f"`mvidarr up` starts a private one with {program}.")
        if redis_server.answers(config.redis_url):
            return Finding("Redis", Verdict.OK, "MVIDARR_REDIS_URL answers.")
    except Refusal as refusal:
        return Finding("Redis", Verdict.MISSING, str(refusal))
    return Finding("Redis", Verdict.MISSING, "MVIDARR_REDIS_URL doesn't answer: start that Redis, or unset it.")


def _workers(config: Config) -> Finding:
    """Who says in Redis that it is there. A private Redis is asked where it runs."""
    name, address = "workers", config.redis_url or redis_server.running(config.data_dir)
    if not address:
        return Finding(name, Verdict.OK, "`mvidarr up` starts one.")
    seen = _jobs(config, address)
    if seen is None or seen.link is not Link.ANSWERS:
        return Finding(name, Verdict.NOTICE, "Nobody knows without a database and a Redis.")
    wrong = [finding.message for finding in findings(seen) if finding.code.startswith("no-")]
    if wrong:
        return Finding(name, Verdict.NOTICE, " ".join(wrong))
    people = ", ".join(one.name for role in Role for one in seen.alive(role))
    return Finding(name, Verdict.OK, f"{people}.")


def _queues(config: Config) -> Finding:
    name, seen = "queues", _jobs(config, "")
    if seen is None:
        return Finding(name, Verdict.OK, "none yet.")
    told = [_told(load) for load in seen.loads if load.waiting or load.pause is not None or load.jobs.get("running")]
    paused = any(load.pause is not None for load in seen.loads)
    return Finding(name, Verdict.NOTICE if paused else Verdict.OK, " ".join(told) or "Nothing waits, nothing runs.")


def _told(load: Load) -> str:
    parts = [f"{load.waiting:,} wait", f"{load.jobs.get('running', 0):,} run"]
    if load.oldest is not None:
        parts.append(f"the oldest is due for {timedelta(seconds=round(load.oldest))}")
    if load.pause is not None:
        parts.append(f"paused: {load.pause.reason or 'no reason is given'}")
    return f"{load.queue}: {', '.join(parts)}."


def _jobs(config: Config, redis_url: str) -> Overview | None:
    with tables.engine_for(config) as engine:
        return watch.look_now(engine, redis_url) if _is_current(engine) else None


def _ffmpeg(_config: Config) -> Finding:
    try:
        return Finding("ffmpeg", Verdict.OK, ffmpeg.executable())
    except Refusal as refusal:
        return Finding("ffmpeg", Verdict.MISSING, str(refusal))


def _javascript(_config: Config) -> Finding:
    name, found = "JavaScript", javascript.executable()
    if found is None:
        message = "YouTube gives little to who can't run its JavaScript: install Deno, or Node 20 or newer, on PATH."
        return Finding(name, Verdict.NOTICE, message)
    return Finding(name, Verdict.OK, found)


def _port(config: Config) -> Finding:
    try:
        listener.listen(config.host, config.port).close()
    except PortBusy:
        return Finding("port", Verdict.NOTICE, f"Something listens on {config.host}:{config.port}; maybe MVidarr.")
    except Refusal as refusal:
        return Finding("port", Verdict.MISSING, str(refusal))
    return Finding("port", Verdict.OK, f"{config.host}:{config.port} is free.")


def _secret_key(config: Config) -> Finding:
    kept = config.data_dir / FILE_NAME
    if config.secret_key is None and not kept.exists():
        return Finding("secret key", Verdict.NOTICE, f"The first start makes one and keeps it in {kept}.")
    try:
        signing_keys(config)
    except (UnusableSecretKey, OSError) as error:
        return Finding("secret key", Verdict.MISSING, str(error))
    return Finding("secret key", Verdict.OK, "MVIDARR_SECRET_KEY" if config.secret_key else str(kept))


def _media_roots(config: Config) -> Finding:
    unreadable = [str(root) for root in config.media_roots if not (root.is_dir() and os.access(root, os.R_OK))]
    if unreadable:
        return Finding("media roots", Verdict.MISSING, f"Not a readable folder: {', '.join(unreadable)}.")
    return Finding("media roots", Verdict.OK, ", ".join(map(str, config.media_roots)) or "None beside the data folder.")


def _application(config: Config) -> Finding:
    try:
        application.load(config.app)
    except Refusal as refusal:
        return Finding("application", Verdict.MISSING, str(refusal))
    return Finding("application", Verdict.OK, config.app)
