"""A child that never outlives its parent, even when the parent is killed without a chance to say goodbye."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def leash(parent: int) -> Callable[[], None]:
    """A function for the child to run (between fork and exec, or first thing): SIGTERM comes when `parent` dies.

    Linux only; elsewhere the function does nothing, and a killed parent leaves its children running.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it died before the leash was on
            os._exit(1)

    return bind
