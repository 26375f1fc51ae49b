"""Two commits side by side: ``make bench-compare A=commit B=commit``. `gate` judges what is found.

Each commit is a git worktree, with this environment where its lock is ours, else with its own. Both serve the hybrid,
all modern, over libraries that each has filled itself. Pairs of rounds, A then B and B then A in turns; the servers are
started anew every few pairs, since one process may be a few per cent faster than its twin for as long as it lives.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import gate
from benchmarks.generator import Load, generate, request
from benchmarks.load import LoadFailed
from benchmarks.mixes import Mixes, read_mixes
from benchmarks.quiet import REFUSED, Noisy, Quiet, calibrated
from benchmarks.raw import RESULTS, keep
from benchmarks.scenario import loaded
from tests.servers.web import PROJECT, Web, free_port, running

ROUTES = {
    "list": "/api/videos/?limit=50",
    "one": "/api/videos/97",
    "search": "/api/videos/search?q=river",
    "static": "/static/mvidarr.css",
}
PAIRS, ANEW_EVERY = 12, 4
"""Pairs of each look, and after how many of them the servers are started anew."""
SECONDS, CONNECTIONS = 1.0, 16
_LOCK = "requirements-dev.txt"
_FILL = (
    "from benchmarks.library import fill; from benchmarks.sides import move_all; from fastapi_app.config import Config;"
    "from migration_flags import Stage; fill(Config()); move_all(Config(), Stage.MODERN)"
)


@dataclass(frozen=True)
class Build:
    """A commit that was checked out: where, and the Python that has what it needs."""

    commit: str
    folder: Path
    python: Path


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[Build]:
    """A worktree of a commit, gone at the end. Raises `CalledProcessError` where there is no such commit."""
    place = folder / commit.replace("/", "-")
    _git("worktree", "add", "--detach", str(place), commit)
    try:
        ours = (PROJECT / _LOCK).read_bytes() == (place / _LOCK).read_bytes()
        if not ours:
            subprocess.run(["make", "-C", str(place), ".venv/development.stamp"], check=True)
        python = Path(sys.executable) if ours else place / ".venv" / "bin" / "python"
        yield Build(_git("-C", str(place), "rev-parse", "--short", "HEAD"), place, python)
    finally:
        _git("worktree", "remove", "--force", str(place))


def pairs(builds: Sequence[Build], mixes: Mixes, number: int, seconds: float) -> dict[str, list[float]]:
    """By route, B's rate over A's, pair by pair. Raises `LoadFailed`."""
    found: dict[str, list[float]] = {name: [] for name in ROUTES}
    with tempfile.TemporaryDirectory() as name:
        told = [_filled(build, Path(name) / str(place)) for place, build in enumerate(builds)]
        for first in range(0, number, ANEW_EVERY):
            with ExitStack() as servers:
                webs = [servers.enter_context(_served(*one, mixes)) for one in zip(builds, told, strict=True)]
                for pair in range(first, min(number, first + ANEW_EVERY)):
                    for route, ratio in _pairs(webs, pair, mixes, seconds).items():
                        found[route].append(ratio)
    return found


def look_until_told(
    look: Iterator[Mapping[str, Sequence[float]]],
) -> tuple[dict[str, list[float]], list[gate.Opinion]]:
    """Takes looks, at most `gate.LOOKS`, until no route is open. Pure, but for the looks."""
    ratios: dict[str, list[float]] = {}
    found: list[gate.Opinion] = []
    for _ in range(gate.LOOKS):
        for route, more in next(look).items():
            ratios.setdefault(route, []).extend(more)
        found = gate.opinions(ratios)
        if not any(one.judgement in {gate.Judgement.OPEN, gate.Judgement.FEW} for one in found):
            break
    return ratios, found


def _pairs(webs: Sequence[Web], pair: int, mixes: Mixes, seconds: float) -> dict[str, float]:
    return {route: _pair(webs, path, pair, mixes, seconds) for route, path in ROUTES.items()}


def _pair(webs: Sequence[Web], path: str, pair: int, mixes: Mixes, seconds: float) -> float:
    rates = [0.0, 0.0]
    for place in (0, 1) if pair % 2 == 0 else (1, 0):
        port = int(webs[place].base.rpartition(":")[2])
        load = Load(port, (request("GET", path),), CONNECTIONS, seconds, None, 0.2)
        rates[place] = loaded(load, mixes.plan.load_core)[0].rate
    return rates[1] / rates[0]


def _filled(build: Build, folder: Path) -> dict[str, str]:
    folder.mkdir()
    told = {
        "MVIDARR_DATABASE_URL": f"sqlite:///{folder / 'mvidarr.db'}",
        "MVIDARR_DATA_DIR": str(folder),
        "MVIDARR_SECRET_KEY": "a-key-for-measuring-and-nothing-else",
        "MVIDARR_LOG_LEVEL": "WARNING",
        "MVIDARR_FLOOD_LIMIT": "0",
    }
    place = {**os.environ, **told, "PYTHONPATH": str(build.folder)}
    subprocess.run([str(build.python), "-c", _FILL], cwd=folder, env=place, check=True)
    return told


@contextmanager
def _served(build: Build, told: Mapping[str, str], mixes: Mixes) -> Iterator[Web]:
    port = free_port()
    argv = ["taskset", "-c", str(mixes.plan.server_core), str(build.python), "-m", "uvicorn", "legacy_flask.asgi:app"]
    argv += ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    seeded = {**told, "PYTHONHASHSEED": "0"}
    folder = Path(told["MVIDARR_DATA_DIR"])
    with running(argv, port, seeded, folder, path=str(build.folder), ready="/api/health") as web:
        for path in ROUTES.values():
            generate(Load(port, (request("GET", path),), CONNECTIONS, 0.1, None, 0.1), mixes.plan.load_core)
        yield web


def _git(*arguments: str) -> str:
    ran = subprocess.run(["git", *arguments], cwd=PROJECT, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


def main(argv: Sequence[str] | None = None) -> int:
    """0: B is not slower; 1: it is; 2: it could not be measured; 3: the machine is busy."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__)
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--smallest", action="store_true", help="only show that it works")
    parser.add_argument("--even-if-noisy", action="store_true")
    asked = parser.parse_args(argv)
    mixes = read_mixes()
    noisy = asked.even_if_noisy or asked.smallest
    quiet = Quiet(noisy, lambda: calibrated(mixes.plan.server_core))
    number, seconds = (2, 0.3) if asked.smallest else (PAIRS, SECONDS)
    try:
        quiet.begin(lambda: os.getloadavg()[0], mixes.plan.quiet_load, mixes.plan.quiet_within)
        with (
            tempfile.TemporaryDirectory() as folder,
            checked_out(asked.a, Path(folder)) as a,
            checked_out(asked.b, Path(folder)) as b,
        ):
            looks = (pairs((a, b), mixes, number, seconds) for _ in range(1 if asked.smallest else gate.LOOKS))
            ratios, found = (first := next(looks), gate.opinions(first)) if asked.smallest else look_until_told(looks)
    except Noisy as trouble:
        print(trouble, file=sys.stderr)
        return REFUSED
    except (LoadFailed, subprocess.CalledProcessError) as trouble:
        print(trouble, getattr(trouble, "stderr", "") or "", file=sys.stderr)
        return 2
    print(gate.printed(found))
    print(f"Raw figures: {_keep((a, b), ratios, quiet)}")
    return 0 if gate.passes(found) else 1


def _keep(builds: Sequence[Build], ratios: Mapping[str, Sequence[float]], quiet: Quiet) -> Path:
    kept = {
        "a": builds[0].commit,
        "b": builds[1].commit,
        "noise": quiet.noise,
        "ratios": ratios,
    }
    return keep("compare", kept, RESULTS)


if __name__ == "__main__":
    sys.exit(main())
