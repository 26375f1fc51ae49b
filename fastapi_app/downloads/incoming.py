"""Where films are until they are whole: `<library>/.incoming/<job id>/`, on the library's own file system.

The name begins with a dot, so that no scan of the library takes a part for a film. All of it blocks.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

NAME = ".incoming"
_MODE = 0o700


def folder_of(library: Path, job_id: int) -> Path:
    """The folder of one job in a real library folder."""
    return library / NAME / str(job_id)


def make(library: Path, job_id: int) -> Path:
    """The folder of one job, with what an earlier attempt left in it. Raises OSError, also where it is a link."""
    folder = folder_of(library, job_id)
    with suppress(FileNotFoundError):  # another job has just removed the common folder
        folder.mkdir(mode=_MODE, parents=True, exist_ok=True)
    folder.mkdir(mode=_MODE, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.parent.is_symlink():
        raise NotADirectoryError(f"{NAME} is a link")
    return folder


def drop(library: Path, job_id: int) -> None:
    """Removes the folder of one job; and the common one, once that is empty. Raises nothing."""
    shutil.rmtree(folder_of(library, job_id), ignore_errors=True)
    with suppress(OSError):
        (library / NAME).rmdir()


def jobs_in(library: Path) -> Iterator[int]:
    """The jobs that have a folder there."""
    with suppress(OSError):
        yield from (int(entry.name) for entry in (library / NAME).iterdir() if entry.name.isdecimal())
