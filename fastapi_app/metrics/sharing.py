"""What this process counted, and with several workers, what all of them did."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, generate_latest

from fastapi_app.metrics.family import Told, families, merged
from fastapi_app.metrics.folder import Folder
from fastapi_app.metrics.group import Process, group

EVERY = 2.0
"""Seconds between two writes of a worker that has others beside it: as old may be what another one tells of it."""

PLACE = Path("run") / "metrics"
"""Below the data folder."""

log = structlog.get_logger(__name__)


class Sharing:
    """The figures of ``registry``, and of the other workers where there is a ``folder``.

    Who answers a scrape takes a ``turn``: what is looked up for it is gone after it, and never written for the others.
    """

    def __init__(self, registry: CollectorRegistry, folder: Folder | None = None) -> None:
        self.turn = asyncio.Lock()
        self._registry = registry
        self._folder = folder

    def text(self) -> bytes:
        """Prometheus's text, of all workers together. Blocks. Without the folder, this worker speaks for itself."""
        if self._folder is None:
            return generate_latest(self._registry)
        try:
            others = self._folder.others()
        except (OSError, ValueError) as error:
            log.warning("the other workers' metrics can't be read", reason=type(error).__name__)
            return generate_latest(self._registry)
        told = CollectorRegistry()
        told.register(Told(merged([families(self._registry.collect()), *others])))
        return generate_latest(told)

    def open(self) -> None:
        """Makes the folder, and tidies up beside it. Blocks."""
        if self._folder is not None:
            with _told("the folder of metrics can't be made"):
                self._folder.open()

    def write(self) -> None:
        """Leaves this worker's figures for the others. Blocks."""
        if self._folder is not None:
            with _told("this worker's metrics can't be written"):
                self._folder.write(families(self._registry.collect()))


@contextmanager
def _told(event: str) -> Iterator[None]:
    """A full disk, or one that is gone, must not end the worker."""
    try:
        yield
    except OSError as error:
        log.warning(event, reason=type(error).__name__)


@asynccontextmanager
async def opened(registry: CollectorRegistry, data_dir: Path, every: float = EVERY) -> AsyncIterator[Sharing]:
    """Shares with the workers that the same process started, if there can be any: below ``data_dir``, or not at all."""
    started_by = group()
    if started_by is None:
        yield Sharing(registry)
        return
    folder = Folder(data_dir / PLACE, started_by, Process.of(os.getpid()))
    sharing = Sharing(registry, folder)
    await asyncio.to_thread(sharing.open)
    writing = asyncio.create_task(_write_often(sharing, every))
    try:
        yield sharing
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        await asyncio.to_thread(sharing.write)


async def _write_often(sharing: Sharing, every: float) -> None:
    while True:
        await asyncio.to_thread(sharing.write)
        await asyncio.sleep(every)
