"""Saturation by `wrk`, with any requests in turn. Its counts; ours only where it is not installed."""

import json
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.generator import ANSWER_WITHIN, Load, Outcome
from benchmarks.load import LoadFailed

_DONE = """
local turn = 0
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
done = function(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\\nFOUND {"answers": %d, "microseconds": %d, "size": %d, "refused": %d, "broken": %d, ' ..
    '"p50": %f, "p90": %f, "p95": %f, "p99": %f, "worst": %f}\\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(95), latency:percentile(99), latency.max))
end
"""


def can_ask(load: Load) -> bool:
    """wrk counts in whole seconds and knows no constant rate."""
    return load.rate is None and load.seconds == int(load.seconds) and shutil.which("wrk") is not None


def saturate(load: Load, core: int) -> Outcome:
    """Runs the load, without its warm-up. Raises `LoadFailed` where an answer was none, or an error."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        script.write_text(script_of(load.requests), "ascii")
        argv = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{load.connections}", f"-d{int(load.seconds)}s"]
        before = _used()
        ran = subprocess.run(
            [*argv, "--timeout", f"{ANSWER_WITHIN:.0f}s", "-s", str(script), f"http://127.0.0.1:{load.port}"],
            check=False,
            capture_output=True,
            text=True,
            timeout=load.seconds + 60,
        )
        used = _used() - before
    return read(ran.stdout or ran.stderr, used)


def script_of(requests: Sequence[bytes]) -> str:
    """What wrk runs: the requests in turn, and at the end what was found. Pure."""
    listed = ",\n".join(f'"{_escaped(one)}"' for one in requests)
    return f"local requests = {{\n{listed}\n}}\n{_DONE}"


def read(output: str, used: float) -> Outcome:
    """What the script wrote. ``used``: seconds of the processor. Pure. Raises `LoadFailed`."""
    line = next((line for line in output.splitlines() if line.startswith("FOUND ")), None)
    if line is None:
        raise LoadFailed(f"wrk said: {output.strip()[-300:]}")
    found = json.loads(line.removeprefix("FOUND "))
    if found["refused"] or found["broken"] or not found["answers"]:
        raise LoadFailed(f"of {found['answers']} answers {found['refused']} were errors, {found['broken']} broken")
    seconds = found["microseconds"] / 1e6
    return Outcome(
        answers=found["answers"],
        rate=found["answers"] / seconds,
        **{name: found[name] / 1000 for name in ("p50", "p90", "p95", "p99", "worst")},
        busy=used / seconds,
        late_p99=0.0,
        size=found["size"],
    )


def _escaped(request: bytes) -> str:
    plain = set(range(32, 127)) - {ord('"'), ord("\\")}
    return "".join(chr(one) if one in plain else f"\\{one:03d}" for one in request)


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
