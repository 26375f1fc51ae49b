"""Downloads from one host begin some seconds apart, whichever process of this machine begins them."""

import fcntl
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

_LONGEST = 600.0


def wait_for_turn(
    folder: Path, host: str, pause: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> float:
    """Waits until a download from `host` may begin; answers for how many seconds.

    The moment of the next turn is in a file of `folder`, locked while it is read and moved on, so that each who comes
    gets a turn of its own. Nobody waits longer than ten minutes, whatever the file says: clocks are set back.
    """
    if not host or pause <= 0:
        return 0.0
    turn = _reserve(folder, host, pause, clock())
    wait = max(0.0, turn - clock())
    if wait:
        sleep(wait)
    return wait


def _reserve(folder: Path, host: str, pause: float, now: float) -> float:
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / f"{sha256(host.encode()).hexdigest()[:16]}.turn", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        turn = min(max(now, _moment(os.pread(file, 64, 0))), now + _LONGEST)
        os.ftruncate(file, 0)
        os.pwrite(file, repr(turn + pause).encode(), 0)
    finally:
        os.close(file)
    return turn


def _moment(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
