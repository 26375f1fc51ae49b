"""`python -m tests.mutation [module …]`: whether the tests notice small mistakes in the pure modules.

Two modules at a time, each in a process of its own at low priority. Prints the mutants that no test noticed, and fails
where one of them has no reason in `survivors.toml`.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from rich.console import Console

from tests.mutation.mutant import Identity, Mutant
from tests.mutation.survivors import justified
from tests.mutation.targets import TARGETS
from tests.mutation.trial import Trial

CONSOLE = Console(highlight=False, markup=False, soft_wrap=True)
AT_ONCE = 2
NICE = 19
_LATE = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Hypothesis is imported before pytest could look at it, which harms nothing here."""


@dataclass(frozen=True)
class Result:
    """What became of a module's mutants. ``survived``: no test noticed them. ``broken``: why no tests could run."""

    module: str
    tried: int
    survived: tuple[tuple[Identity, str], ...]
    seconds: float
    broken: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 where every survivor is justified."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="files; all where none is named")
    parser.add_argument("--worker", metavar="FILE", help=argparse.SUPPRESS)
    told = parser.parse_args(arguments)
    if told.worker:
        return worker(told.modules[0], Path(told.worker))
    reasons = justified()
    failed = tried = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for result in pool.map(run, told.modules or TARGETS):
            failed += report(result, reasons.get(result.module, {}))
            tried += result.tried
    CONSOLE.print(f"{tried} mutants, {failed} survivors without a reason.")
    return int(failed > 0)


def run(module: str) -> Result:
    """One module in a process of its own."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="mutation-") as folder:
        file = Path(folder) / "found.jsonl"
        argv = [sys.executable, "-m", "tests.mutation", module, "--worker", str(file)]
        ended = subprocess.run(argv, capture_output=True, text=True, check=False)
        lines: list[dict[str, Any]] = [json.loads(line) for line in file.read_text().splitlines()]
    survived = tuple((tuple(one["identity"]), one["text"]) for one in lines if not one["noticed"])
    broken = "" if ended.returncode == 0 else (ended.stdout + ended.stderr)[-3000:]
    return Result(module, len(lines), survived, time.monotonic() - began, broken)


def report(result: Result, reasons: dict[Identity, str] | Any) -> int:
    """Prints it. How many survivors have no reason; a module whose tests could not run counts as one."""
    unexplained = [(identity, text) for identity, text in result.survived if identity not in reasons]
    CONSOLE.print(
        f"{result.module}: {result.tried} mutants, {len(result.survived)} survived, {len(unexplained)} of them "
        f"without a reason, {result.seconds:.0f} s",
    )
    for identity, text in unexplained:
        CONSOLE.print(f"  SURVIVED {text}\n           {identity[1]}")
    if result.broken:
        CONSOLE.print(f"  BROKEN {result.broken}")
    return len(unexplained) + bool(result.broken)


def worker(module: str, file: Path) -> int:
    """Tries the mutants of one module, and writes a line about each."""
    os.nice(NICE)
    with file.open("w", buffering=1) as lines:

        def tell(mutant: Mutant, noticed: bool | None) -> None:
            text = f"{mutant} (no test reaches it)" if noticed is None else str(mutant)
            told = {"identity": mutant.identity, "text": text, "noticed": bool(noticed)}
            lines.write(json.dumps(told) + "\n")

        options = ["-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not long", "-q", *_LATE]
        return int(pytest.main([*options, *TARGETS[module]], plugins=[Trial(module, tell)]))


if __name__ == "__main__":
    sys.exit(main())
