"""`make bench`: every part of `mixes.toml`, or those that are named, into a folder of raw results.

A part that is finished is kept at once, and left out when the run goes on later (``--into FOLDER``). A part that fails
is noted, and the others go on. On a busy machine nothing begins. Ctrl-C keeps what is finished.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from benchmarks import capacity, holding, scenario
from benchmarks.environment import environment
from benchmarks.expected import given_up_after, minutes
from benchmarks.load import LoadFailed
from benchmarks.mixes import FILE, Mixes, Program, read_mixes
from benchmarks.processor import on_core
from benchmarks.program import told
from benchmarks.quiet import REFUSED, Noisy, Quiet, calibrated
from benchmarks.raw import RESULTS
from benchmarks.reading import BadPlan
from benchmarks.results_folder import AnotherRun, ResultsFolder, digest
from benchmarks.scenario import Run
from tests.servers.web import PROJECT

_OUTPUT = 20_000
_INTERRUPTED = 130
_CLEANED_UP_WITHIN = 60.0

Cells = Callable[[Run], Iterator[dict[str, Any]]]


def parts_of(mixes: Mixes) -> dict[str, Cells | Program]:
    """Every part by its name, in the order in which they run. Pure."""
    found: dict[str, Cells | Program] = {one.name: partial(scenario.measured, one) for one in mixes.scenarios}
    found |= {"capacity": capacity.measured, "startup": holding.started, "memory": holding.held}
    found |= {one.name: one for one in mixes.programs}
    return {name: found[name] for name in mixes.order}


def chosen(names: Sequence[str], mixes: Mixes) -> list[str]:
    """The parts that were asked for, all where none was. Raises `BadPlan` for a name that is none."""
    known = list(parts_of(mixes))
    for name in names:
        if name not in known:
            raise BadPlan(f"there is no part {name}; there are: {', '.join(known)}")
    return [name for name in known if not names or name in names]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the parts. 0: all finished; 1: some failed; 2: something that can't be meant; 3: the machine was busy."""
    asked = _asked(argv)
    try:
        mixes = read_mixes()
        names = chosen(asked.parts, mixes)
        if asked.list:
            print(listed(names, mixes))
            return 0
        folder = ResultsFolder(asked.into or RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        folder.begin(_about(asked))
    except (BadPlan, AnotherRun) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    if len(os.sched_getaffinity(0)) < 2:
        print("Two cores are needed: one for the servers, one for the load.", file=sys.stderr)
        return 2
    try:
        return _run_all(names, folder, mixes, asked)
    except Noisy as noisy:
        print(f"{noisy} Figures would mean nothing; --even-if-noisy measures, and marks them.", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print(f"\nInterrupted. What is finished is kept: --into {folder.path}", file=sys.stderr)
        return _INTERRUPTED


def listed(names: Sequence[str], mixes: Mixes) -> str:
    """The parts with the minutes that each is expected to take. Pure."""
    told = {name: minutes(name, mixes) for name in names}
    lines = [f"{name:16}{each:6.1f}" for name, each in told.items()]
    return "\n".join([*lines, f"{'minutes':16}{sum(told.values()):6.1f}"])


def _asked(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help="all where none is named")
    parser.add_argument("--into", type=Path, help="go on in a folder that was begun")
    parser.add_argument("--smallest", action="store_true", help="only show that the parts work")
    parser.add_argument("--even-if-noisy", action="store_true", help="measure on a busy machine, and mark every figure")
    parser.add_argument("--list", action="store_true", help="the parts, and how many minutes each takes")
    return parser.parse_args(argv)


def _about(asked: argparse.Namespace) -> dict[str, Any]:
    machine = environment()
    return {
        "begun_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "environment": machine,
        "commit": machine["commit"],
        "mixes": digest(FILE),
        "smallest": asked.smallest,
    }


def _run_all(names: Sequence[str], folder: ResultsFolder, mixes: Mixes, asked: argparse.Namespace) -> int:
    quiet = _quiet(mixes, asked)
    quiet.begin(lambda: os.getloadavg()[0], mixes.plan.quiet_load, mixes.plan.quiet_within)
    known, codes = parts_of(mixes), {0}
    with tempfile.TemporaryDirectory() as shelf:
        for place, name in enumerate(names):
            told = f"[{place + 1}/{len(names)}] {name}"
            if folder.has(name):
                print(f"{told}: there already")
                continue
            left = sum(minutes(one, mixes) for one in names[place:] if not folder.has(one))
            print(f"{told}: {minutes(name, mixes):.1f} minutes, {left:.0f} until the end", flush=True)
            measure = partial(_part, name, known[name], mixes, asked, quiet.noise, Path(shelf))
            codes.add(_kept(name, measure, folder))
    print(f"Raw results: {folder.path}")
    return max(codes)


def _kept(name: str, measure: Callable[[], dict[str, Any]], folder: ResultsFolder) -> int:
    """Measures a part and keeps it; what goes wrong is noted. The exit code that it means."""
    try:
        folder.keep(name, measure())
    except Exception as trouble:  # noqa: BLE001  # a part's edge: it is noted, and hours of other parts are not lost
        folder.note_failure(name, f"{type(trouble).__name__}: {trouble}"[-600:])
        traceback.print_exception(trouble)
        return 1
    return 0


def _quiet(mixes: Mixes, asked: argparse.Namespace) -> Quiet:
    noisy = asked.even_if_noisy or asked.smallest
    return Quiet(noisy, partial(calibrated, mixes.plan.server_core), sleep)


def _part(
    name: str, part: Cells | Program, mixes: Mixes, asked: argparse.Namespace, noise: Sequence[str], shelf: Path
) -> dict[str, Any]:
    """One part's raw results. Raises what its kind raises."""
    quiet = _quiet(mixes, asked)
    timing = mixes.smallest if asked.smallest else mixes.plan
    began = datetime.now(UTC)
    about = {
        "part": name,
        "measured_at": began.isoformat(timespec="seconds"),
        "environment": environment(),
        "command": ["python", "-m", "benchmarks.bench", name],
        "load_before": os.getloadavg()[0],
        "smallest": asked.smallest,
        "timing": vars(timing),
    }
    if isinstance(part, Program):
        quiet.look()
        found = _program(part, smallest=asked.smallest)
        quiet.look()
    else:
        run = Run(mixes, timing, quiet, lambda text: print(f"  {text}", flush=True), shelf, asked.smallest)
        with on_core(mixes.plan.load_core):
            found = {"cells": list(part(run))}
    seconds = (datetime.now(UTC) - began).total_seconds()
    watched = {"noise": list(noise), "calibrations": quiet.calibrations}
    return {**about, "seconds": seconds, **watched, **found}


def _program(program: Program, *, smallest: bool) -> dict[str, Any]:
    """Runs it in a process of its own, for so long at most. Raises `LoadFailed` where it left no figures."""
    wanted = told(program, smallest=smallest)
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "benchmarks.program", program.module, folder, json.dumps(wanted)]
        code, output = _ended(argv, Path(folder) / "output.txt", given_up_after(program))
        files = sorted(Path(folder).glob("*.json"))
        results = [json.loads(one.read_text("utf-8")) for one in files]
    if not results:
        raise LoadFailed(f"{program.module} left no figures, exit code {code}: {output.strip()[-400:]}")
    return {"told": wanted, "exit": code, "output": output.replace(f"{folder}/", "")[-_OUTPUT:], "results": results}


def _ended(argv: Sequence[str], file: Path, seconds: float) -> tuple[int, str]:
    """The exit code and what was printed. At the time limit, or with us, it is interrupted: it cleans up after itself.

    Raises `LoadFailed` at the time limit.
    """
    with file.open("wb") as output:
        process = subprocess.Popen(argv, cwd=PROJECT, stdout=output, stderr=output, start_new_session=True)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise LoadFailed(f"{argv[3]} took longer than {seconds / 60:g} minutes") from None
        finally:
            _interrupt(process)
    return code, file.read_text("utf-8", "replace")


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_CLEANED_UP_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    # In the background a shell has SIGINT ignored; and whoever ends us wants the servers gone too.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.default_int_handler)
    sys.exit(main())
