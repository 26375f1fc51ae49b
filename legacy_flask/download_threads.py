"""The downloads that this process is at: a thread for each, as in 0.9."""

import atexit
import threading
import time

from flask import Flask, current_app

from legacy_flask import database, job_claims
from legacy_flask.configuration import LegacySettings
from legacy_flask.copies import is_copy
from legacy_flask.downloading import download

_EXTENSION = "mvidarr_download_threads"
_ENDING_SECONDS = 10.0


class DownloadThreads:
    """Threads by job. Constructing starts none."""

    def __init__(self, app: Flask, settings: LegacySettings) -> None:
        self._app = app
        self._settings = settings
        self._lock = threading.Lock()
        self._threads: dict[int, threading.Thread] = {}
        self._stopping = threading.Event()

    def wake(self) -> None:
        """Starts a thread for every download that waits for one; the rows say which. For after the commit."""
        engine = database.of(self._app).engine
        for job_id in job_claims.waiting(engine):
            self._start(job_id)

    def close(self, seconds: float = _ENDING_SECONDS) -> None:
        """Ends every download: its row fails, and says why. Waits for them, up to so many seconds in all."""
        self._stopping.set()
        with self._lock:
            threads = list(self._threads.values())
        until = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0.0))
        atexit.unregister(self.close)

    def _start(self, job_id: int) -> None:
        with self._lock:
            if self._stopping.is_set() or job_id in self._threads:
                return
            if not self._threads:
                atexit.register(self.close)
            thread = threading.Thread(target=self._run, args=(job_id,), name=f"download-{job_id}", daemon=True)
            self._threads[job_id] = thread
            thread.start()

    def _run(self, job_id: int) -> None:
        try:
            download(database.of(self._app).engine, self._settings, job_id, self._stopping)
        except Exception:  # the edge of the thread: nobody above it would tell
            self._app.logger.exception("the download of job %s broke", job_id)
        finally:
            with self._lock:
                del self._threads[job_id]


def keep(threads: DownloadThreads, app: Flask) -> None:
    app.extensions[_EXTENSION] = threads


def of(app: Flask) -> DownloadThreads:
    found: DownloadThreads = app.extensions[_EXTENSION]
    return found


def wake(settings: LegacySettings) -> None:
    """Lets downloads begin, once their rows are committed. A rehearsed or repeated request starts nothing."""
    if settings.runs_downloads and not is_copy():
        of(current_app).wake()
