"""Four workers, one of them asked: it tells what all of them counted, and what those did that died."""

import os
import platform
import re
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from fastapi_app.metrics.group import Process, group
from fastapi_app.metrics.sharing import PLACE, Sharing, opened
from tests.fastapi_app.metrics.toy import FACTORY
from tests.servers.fleet import Line, Node, node, until

pytestmark = pytest.mark.anyio

WORKERS = 4


def told(line: Line) -> dict[tuple[str, str], float]:
    """By name and the one label that there may be."""
    text = line.ask("/metrics").body.decode()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(one.name, "".join(one.labels.values())): one.value for one in samples}


def counts(line: Line, number: float) -> bool:
    return told(line).get(("toy_counted_total", "/count")) == number


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """What an earlier server left: its number is given to another process by now, or to none."""
    earlier = tmp_path / PLACE / platform.node() / str(Process(os.getpid(), 1))
    earlier.mkdir(parents=True)
    (earlier / "1-1.json").write_text(
        '[["toy_counted", "counter", "", [["toy_counted_total", [["path", "/count"]], 900]]]]'
    )
    return earlier


def test_any_worker_tells_the_sums_of_all_also_of_one_that_was_killed(tmp_path: Path, stale: Path) -> None:
    with node(FACTORY, WORKERS, {"TOY_DATA": str(tmp_path)}, tmp_path) as server:
        with server.lines() as lines:
            for number, line in enumerate(lines, start=1):
                for _ in range(number):
                    line.ask("/count")
            for line in lines:
                until(lambda line=line: counts(line, 10), 20, lambda line=line: str(told(line)))  # type: ignore[misc]
            found = told(lines[0])
            assert found["toy_seconds_count", ""] == 10
            assert (found["toy_seconds_bucket", "1.0"], found["toy_seconds_bucket", "2.0"]) == (0, 10)
            assert found["toy_seconds_sum", ""] == 15
            assert found["toy_highest", ""] == 3
            assert {label for name, label in found if name == "toy_epoch"} == {str(line.pid) for line in lines}
            assert not stale.exists()
            died = lines[-1]
            os.kill(died.pid, signal.SIGKILL)
            until(lambda: not Process.of(died.pid).lives, 20)
        _until_replaced(server, died.pid)
        with server.lines() as lines:
            for line in lines:
                until(lambda line=line: counts(line, 10), 20, lambda line=line: str(told(line)))  # type: ignore[misc]
                assert ("toy_epoch", str(died.pid)) not in told(line)
            lines[0].ask("/count")
            until(lambda: counts(lines[-1], 11), 20)


def _until_replaced(server: Node, died: int) -> None:
    server.until_started(WORKERS + 1)
    log = server.web.log.read_text(errors="replace")
    assert str(died) in re.findall(r"\[(\d+)\]", log)


async def test_a_process_alone_needs_no_folder(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    Counter("toy", "Text.", registry=registry).inc()
    assert group() is None
    async with opened(registry, tmp_path) as sharing:
        assert b"\ntoy_total 1.0\n" in sharing.text()
    assert not (tmp_path / PLACE.parent).exists()


class Broken:
    """A folder on a disk that is gone."""

    def others(self) -> Mapping[str, float]:
        raise OSError

    def write(self, _own: object) -> None:
        raise OSError

    def open(self) -> None:
        raise OSError


def test_without_the_folder_a_worker_speaks_for_itself() -> None:
    registry = CollectorRegistry()
    Counter("toy", "Text.", registry=registry).inc()
    sharing = Sharing(registry, Broken())  # type: ignore[arg-type]
    sharing.open()
    sharing.write()
    assert b"\ntoy_total 1.0\n" in sharing.text()
