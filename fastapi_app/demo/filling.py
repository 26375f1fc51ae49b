"""What the job of kind `demo` runs."""

from itertools import count

from fastapi_app.database import blocking_engine
from fastapi_app.demo import library
from fastapi_app.jobs.work import Done, Failed, Work
from fastapi_app.models import now
from fastapi_app.operations import ffmpeg
from fastapi_app.operations.refusal import Refusal


def fill_library(work: Work) -> Done:
    """Makes the demo in an empty library."""
    made = count(1)

    def told(name: str) -> None:
        work.progress(
            percent=min(100.0 * next(made) / library.steps(), 100.0), stage="making", message=f"Making {name}"
        )

    engine = blocking_engine(work.config)
    try:
        library.fill(engine, work.config.data_dir, ffmpeg.executable(), now(), told)
    except Refusal as refusal:
        raise Failed("refused", str(refusal)) from None
    finally:
        engine.dispose()
    return Done({"made": library.steps()})
