"""A real worker for the toys, quick to notice things. Arguments: queues, processes, and `beat` or nothing."""

import sys

from fastapi_app import worker
from fastapi_app.config import Config
from fastapi_app.jobs import beat
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.states import Queue
from tests.jobs import toys

SILENCE = 4.0
PACE = Pace(look=0.1, beat=0.5, silence=2.5, patience=1.5)
INTERVALS = {beat.ANNOUNCE: 1.0, beat.REPLENISH: 0.5, beat.REAP: 0.5}


def main(queues: str, processes: str, timing: str = "") -> int:
    return worker.serve(
        Config(),
        [Queue(name) for name in queues.split(",")],
        int(processes),
        beat=timing == "beat",
        kinds=Kinds(*(kind for kind in toys.KINDS if kind.name != "lost")),
        pace=PACE,
        intervals=INTERVALS,
        silence=SILENCE,
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
