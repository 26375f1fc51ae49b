"""One scenario of `mixes.toml`, asked of its contenders in every combination of what it varies."""

import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import product
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks import wrk
from benchmarks.asking import expanded, statuses
from benchmarks.generator import Load, Outcome, generate
from benchmarks.load import LoadFailed
from benchmarks.mixes import PRODUCT, Ask, Library, Mixes, Scenario, Timing
from benchmarks.processor import processor_seconds, settle
from benchmarks.quiet import Quiet
from benchmarks.servers import Environments, contenders_running, slow_site
from benchmarks.site import ALONE, PASSWORD, STAGES, Place, libraries, logins, picture
from tests.servers.web import Web

SETTLED_WITHIN = 10.0
FEWEST, LONGEST = 200, 3
"""A server is slow that gives fewer answers in a round at saturation: it is asked for up to so many times as long."""
_FIRST = 0.05
"""Seconds that our generator itself takes to become warm."""


@dataclass(frozen=True)
class Setting:
    """What a scenario varies."""

    database: str
    library: str
    delay: float
    routes: int


@dataclass(frozen=True)
class Run:
    """What every part of a run is told. ``shelf``: keeps filled libraries. ``smallest``: it need only work."""

    mixes: Mixes
    timing: Timing
    quiet: Quiet
    say: Callable[[str], None]
    shelf: Path
    smallest: bool = False


def settings(scenario: Scenario, *, smallest: bool = False) -> tuple[Setting, ...]:
    """Every combination; the smallest: the first one. Pure."""
    every = product(scenario.databases, scenario.libraries, scenario.delays, scenario.routes)
    found = tuple(Setting(*one) for one in every)
    if scenario.application != PRODUCT:
        found = tuple(replace(one, database="", library="") for one in found)
    return found[:1] if smallest else found


def measured(scenario: Scenario, run: Run) -> Iterator[dict[str, Any]]:
    """For every setting and contender its rounds. Raises `LoadFailed`."""
    for setting in settings(scenario, smallest=run.smallest):
        run.say(f"{scenario.title}: {described(setting)}")
        with tempfile.TemporaryDirectory() as folder, _servers(scenario, setting, run, Path(folder)) as servers:
            yield from Asked(scenario, setting, run, servers).cells()


def described(setting: Setting) -> str:
    """A setting in words. Pure."""
    told = [setting.database, setting.library and f"library {setting.library}"]
    told += [f"{setting.delay:g} ms to the database" if setting.delay else ""]
    told += [f"{setting.routes} routes" if setting.routes else ""]
    return ", ".join(one for one in told if one) or "as it is"


class Asked:
    """Running contenders, asked round by round, the order reversed in every other round."""

    def __init__(self, scenario: Scenario, setting: Setting, run: Run, servers: Mapping[str, Web]) -> None:
        self._scenario = scenario
        self._setting = setting
        self._run = run
        self._servers = servers
        self._loads = {name: self._load(web) for name, web in servers.items()}

    def cells(self) -> Iterator[dict[str, Any]]:
        """One for each contender, after all rounds. One that refuses or breaks says so in ``failed``, and is left out
        from then on. Raises `LoadFailed` where all of them do.
        """
        rate = self._offered_rate()
        names = list(self._servers)
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        failed: dict[str, LoadFailed] = {}
        for number in range(self._run.timing.rounds):
            self._run.quiet.look()
            order = names if number % 2 == 0 else names[::-1]
            for name in order:
                if name in failed:
                    continue
                try:
                    found[name].append(self._round(name, rate))
                except LoadFailed as trouble:
                    failed[name] = trouble
                    self._run.say(f"{name}: {trouble}")
        if len(failed) == len(found):
            raise next(iter(failed.values()))
        for name, rounds in found.items():
            told = {"scenario": self._scenario.name, **asdict(self._setting), "contender": name}
            if name in failed:
                yield {**told, "failed": str(failed[name]), "rounds": []}
                continue
            served = _served_by(self._servers[name].base, self._loads[name].requests[0])
            yield {**told, "served_by": served, "offered": rate, "rounds": rounds}

    def _load(self, web: Web) -> Load:
        size = size_of(self._setting.library, self._run)
        requests = requests_to(web, self._scenario.requests, size, self._setting.routes)
        return Load(
            int(web.base.rpartition(":")[2]),
            requests,
            self._scenario.connections,
            self._run.timing.seconds,
            warm_up=self._run.timing.warm_up,
            statuses=statuses(self._scenario.requests),
        )

    def _offered_rate(self) -> float | None:
        """A share of what the slower control manages."""
        if self._scenario.load == "saturation":
            return None
        controls = [name for name in self._run.mixes.controls if name in self._servers]
        slower = min(float(self._round(name, None)["rate"]) for name in controls)
        return max(1.0, self._scenario.share * slower)

    def _round(self, name: str, rate: float | None) -> dict[str, Any]:
        web, core = self._servers[name], self._run.mixes.plan.load_core
        load, is_slow = warmed(replace(self._loads[name], rate=rate), core)
        if self._scenario.lag:
            _told(web.base, "/lag", "worst_ms")
        before = processor_seconds(web.pid)
        outcome, by = loaded(load, core, is_slow=is_slow)
        used = processor_seconds(web.pid) - before
        settle(web.pid, SETTLED_WITHIN)  # wrk leaves without waiting: the next one must not pay for it
        told = {**asdict(outcome), "generator": by, "seconds": load.seconds}
        told["server_busy"] = min(1.0, used / (load.seconds + load.warm_up))
        if self._scenario.lag:
            told["lag_ms"] = _told(web.base, "/lag", "worst_ms")
        if self._scenario.ceiling:
            told["ceiling"] = _told(web.base, "/ceiling", "per_second")
        return told


def warmed(load: Load, core: int) -> tuple[Load, bool]:
    """Warms a server up, which also reads every status: wrk only tells errors.

    Gives the load that is to follow, longer where the server is slow, and whether it is.
    """
    warm = generate(replace(load, seconds=load.warm_up, rate=None, warm_up=_FIRST), core)
    seconds = ceil(FEWEST / warm.rate)
    if load.rate is not None or seconds <= load.seconds:
        return replace(load, warm_up=_FIRST), False
    return replace(load, seconds=min(LONGEST * load.seconds, float(seconds)), warm_up=_FIRST), True


def loaded(load: Load, core: int, *, is_slow: bool = False) -> tuple[Outcome, str]:
    """Runs a load, at saturation with wrk where it is installed. What was found, and by whom. Raises `LoadFailed`.

    A slow server is asked by our own generator: it waits for the last answers, and wrk forgets them.
    """
    if wrk.can_ask(load) and not is_slow:
        return wrk.saturate(load, core), "wrk"
    return generate(load, core), "ours"


@contextmanager
def _servers(scenario: Scenario, setting: Setting, run: Run, folder: Path) -> Iterator[Mapping[str, Web]]:
    mixes = run.mixes
    application = mixes.applications[scenario.application]
    with ExitStack() as around:
        if scenario.application == PRODUCT:
            size = size_of(setting.library, run)
            place = Place(setting.database, size, setting.delay, is_further=len(scenario.delays) > 1)
            told: Environments = around.enter_context(libraries(place, mixes.plan, run.shelf, folder))
        else:
            outside = around.enter_context(slow_site(mixes.plan.outside, mixes.plan.load_core))
            toy = {"TOY_ROUTES": str(setting.routes), "TOY_OUTSIDE": outside}
            told = {stage: {**toy, "TOY_STAGE": stage or ALONE} for stage in ("", *STAGES)}
        chosen = mixes.chosen(scenario.contenders)
        yield around.enter_context(contenders_running(chosen, application, told, mixes.plan, folder))


def requests_to(web: Web, asks: tuple[Ask, ...], size: Library, routes: int = 0) -> tuple[bytes, ...]:
    """A mix as it is asked of one server: whoever has to be logged in is logged in there."""
    held = logins(web.base) if any(ask.login for ask in asks) else {}
    words, pictures = {"PASSWORD": PASSWORD}, {"picture": picture()}
    return expanded(asks, size, held, routes=routes, words=words, pictures=pictures)


def size_of(library: str, run: Run) -> Library:
    """A library's size; toys have none, and get the smallest."""
    return run.mixes.libraries["tiny" if run.smallest or not library else library]


def _served_by(base: str, request: bytes) -> str:
    """What the front door says of the first request of a load; nothing where there is none, or it is no GET."""
    method, path, _ = request.split(b"\r\n", 1)[0].decode().split(" ")
    if method != "GET":
        return ""
    headers = dict(line.split(": ", 1) for line in request.decode("latin-1").split("\r\n")[2:] if ": " in line)
    with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=30) as answer:
        return str(answer.headers.get("X-Served-By", ""))


def _told(base: str, path: str, name: str) -> float | None:
    """A figure that a server tells of itself; None of one that does not know it, as legacy has no loop."""
    try:
        with urllib.request.urlopen(base + path, timeout=30) as answer:
            return float(json.load(answer)[name])
    except urllib.error.HTTPError:
        return None
