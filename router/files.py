"""``wsgi.file_wrapper``: a file, read in blocks worth a hop."""

from typing import Any

BLOCK = 256 * 1024


class FileWrapper:
    """Iterates over ``file``. Werkzeug asks for 8 KiB blocks; a hop between threads for each would be all it does."""

    def __init__(self, file: Any, block_size: int = BLOCK) -> None:
        self.file = file
        self.block_size = max(block_size, BLOCK)

    def __iter__(self) -> "FileWrapper":
        return self

    def __next__(self) -> bytes:
        block: bytes = self.file.read(self.block_size)
        if not block:
            raise StopIteration
        return block

    def close(self) -> None:
        if hasattr(self.file, "close"):
            self.file.close()

    def seekable(self) -> bool:
        return hasattr(self.file, "seekable") and bool(self.file.seekable())

    def seek(self, *args: int) -> None:
        self.file.seek(*args)

    def tell(self) -> int | None:
        return int(self.file.tell()) if hasattr(self.file, "tell") else None
