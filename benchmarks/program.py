"""A benchmark that existed before, run as it is, with its raw figures in a given folder.

``python -m benchmarks.program MODULE FOLDER JSON`` is what the runner starts. The JSON tells its arguments, and for the
smallest run what stands in the place of its constants, its plan, or the arguments of its `main`.
"""

import inspect
import json
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.mixes import Program


def told(program: Program, *, smallest: bool) -> dict[str, Any]:
    """What a program is told. Pure."""
    if not smallest:
        return {"arguments": []}
    return {
        "arguments": list(program.smallest),
        "constants": dict(program.constants),
        "plan": dict(program.plan),
        "call": dict(program.call),
    }


def run(module: str, folder: Path, wanted: dict[str, Any]) -> int:
    """Calls the module's `main`. Returns its exit code."""
    found = import_module(module)
    for name, value in {**wanted.get("constants", {}), "RESULTS": folder}.items():
        if not hasattr(found, name):
            raise AttributeError(f"{module} has no {name}")
        setattr(found, name, value)
    accepted = inspect.signature(found.main).parameters
    sys.argv = [module, *wanted["arguments"]]
    call = dict(wanted.get("call", {}))
    call |= {name: folder for name in ("results", "folder") if name in accepted}
    if wanted.get("plan"):
        call["plan"] = found.Plan(**wanted["plan"])
    return int(found.main(**call) or 0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background a shell has it ignored
    sys.exit(run(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])))
