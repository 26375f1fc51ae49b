"""Why a corpus is not written.

RouterError
└── RecordingRefused     the file can't be opened, or is not ours alone
    └── FileFull         it has as many bytes as it may
"""

from pathlib import Path

from router.errors import RouterError


class RecordingRefused(RouterError):
    """The file can't be opened, or is not this user's own."""


class FileFull(RecordingRefused):
    """The file has as many bytes as it may."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(f"{path} has reached its {size} bytes: recording has stopped. Move it away to go on.")
