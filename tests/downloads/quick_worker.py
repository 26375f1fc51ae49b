"""A real worker for real downloads, quick to notice things. Arguments: queues, processes, and `beat` or nothing."""

import sys

from yt_dlp import YoutubeDL  # type: ignore[import-untyped]

from fastapi_app import worker
from fastapi_app.config import Config
from fastapi_app.jobs import beat
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.states import Queue
from tests.downloads.extractors import add_few

SILENCE = 10.0
PACE = Pace(look=0.5, beat=1.0, silence=8.0, patience=3.0)
INTERVALS = {beat.ANNOUNCE: 1.0, beat.REPLENISH: 0.5, beat.REAP: 1.0}


def main(queues: str, processes: str, timing: str = "") -> int:
    YoutubeDL.add_default_info_extractors = add_few
    served = [Queue(name) for name in queues.split(",")]
    keeps_time = timing == "beat"
    return worker.serve(
        Config(), served, int(processes), beat=keeps_time, pace=PACE, intervals=INTERVALS, silence=SILENCE
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
