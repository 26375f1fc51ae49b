"""A pytest plugin: instead of the tests once, each mutant of a module against the tests that reach it."""

import gc
import importlib
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.mutation.mutant import Mutant, mutants
from tests.mutation.woven import function_of, weave

settings.register_profile(
    "mutation",
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),  # a busy machine is no mutant
)

PATIENCE = 10.0
"""Seconds of work, beside five times what the tests take, until a mutant counts as endless."""

WAITING = 6
"""As many times that in all, for one that waits without end: a busy machine alone is no mistake."""


class Trial:
    """``tell`` gets each mutant and whether the tests noticed it; None: there is no test to ask."""

    def __init__(self, path: str, tell: Callable[[Mutant, bool | None], object]) -> None:
        self._path = path
        self._tell = tell
        self._failed = False
        self._reached: defaultdict[str, list[tuple[float, pytest.Item]]] = defaultdict(list)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        module = importlib.import_module(self._path.removesuffix(".py").replace("/", "."))
        found = list(mutants(Path(self._path).read_text()))
        functions = {one.function: function_of(module, one.function) for one in found}
        codes = {one.__code__: name for name, one in functions.items() if one is not None}
        self._sound(session, codes)
        gc.freeze()  # children share the memory
        if self._failed:
            session.testsfailed = 1
            return True
        for mutant in found:
            tests = [item for _, item in sorted(self._reached[mutant.function], key=lambda pair: pair[0])]
            seconds = sum(spent for spent, _ in self._reached[mutant.function])
            self._tell(mutant, _noticed(partial(weave, module, mutant), tests, seconds) if tests else None)
        return True

    def _sound(self, session: pytest.Session, codes: dict[CodeType, str]) -> None:
        """Every test once without a mistake: how long it takes, and what it reaches."""
        for item, following in _pairs(session.items):
            began, reached = time.monotonic(), set[str]()
            watch = _Watch(codes, reached)
            threading.setprofile(watch)
            sys.setprofile(watch)
            try:
                _run(item, following)
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
            for name in reached:
                self._reached[name].append((time.monotonic() - began, item))


class _Watch:
    """Notes which functions are called."""

    def __init__(self, codes: dict[CodeType, str], reached: set[str]) -> None:
        self._codes = codes
        self._reached = reached

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call" and frame.f_code in self._codes:
            self._reached.add(self._codes[frame.f_code])


def _noticed(weave_in: Callable[[], bool], tests: list[pytest.Item], seconds: float) -> bool:
    """Whether a test fails, or never ends, in a process of its own."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        limit = PATIENCE + 5 * seconds
        signal.setitimer(signal.ITIMER_PROF, limit)
        signal.alarm(int(WAITING * limit))
        os._exit(_fate(weave_in, tests))
    return os.waitpid(child, 0)[1] != 0


def _fate(weave_in: Callable[[], bool], tests: list[pytest.Item]) -> int:
    """0 where every test passes."""
    try:
        if not weave_in():
            return 1
        reports: list[Any] = []
        witness = _Witness(reports)
        tests[0].config.pluginmanager.register(witness)
        for item, following in _pairs(tests):
            _run(item, following)
            if any(report.failed for report in reports):
                return 1
    except BaseException:  # noqa: BLE001  # the child's edge: whatever else a mistake breaks was noticed
        return 1
    return 0


class _Witness:
    def __init__(self, reports: list[Any]) -> None:
        self._reports = reports

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._reports.append(report)


def _run(item: pytest.Item, following: pytest.Item | None) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _pairs(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)
