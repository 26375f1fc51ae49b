"""What raw results say about one thing: the legacy figure, the modern one, and the one that is held against a promise.

Pure. A finding is None where the part, or the cell, was not measured in this run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from statistics import median, quantiles
from typing import Any

Parts = Mapping[str, Mapping[str, Any]]
"""The raw results of a run, by part."""

Given = Mapping[str, Any]
"""What `claims.toml` says about the measure."""

OURS = "hybrid-modern"
CONTROLS = ("werkzeug", "gunicorn")
_OUTSIDE = 0.05
_KEYS = ("database", "library", "delay", "routes", "mix")


@dataclass(frozen=True)
class Finding:
    """``value`` with the ``least`` and ``most`` of its rounds. ``control`` is what legacy's figure is of.

    ``unit`` is of both sides' figures, where the value is a ratio. ``interval``: where their true median lies.
    """

    value: float
    least: float
    most: float
    legacy: float | None = None
    modern: float | None = None
    control: str = ""
    unit: str = ""
    interval: tuple[float, float] | None = None


def rates(parts: Parts, given: Given) -> Finding | None:
    """Ours over the faster of the controls, in requests per second; round by round."""
    return _compared(_cells(parts, given), given, _rates, "/s")


def figure(parts: Parts, given: Given) -> Finding | None:
    """One figure of our rounds, beside the faster control's. ``field``: rate, p95, lag_ms, and their like."""
    cells, field = _cells(parts, given), given["field"]
    ours = cells.get(given.get("ours", OURS))
    if ours is None or "failed" in ours or any(one.get(field) is None for one in ours["rounds"]):
        return None
    values = [float(one[field]) for one in ours["rounds"]]
    control = _faster(cells, given, _rates)
    theirs = cells[control]["rounds"] if control else []
    legacy = [one[field] for one in theirs if one.get(field) is not None]
    is_worst = field == "lag_ms"
    value = max(values) if is_worst else median(values)
    within = None if is_worst else interval(values)
    control_value = median(legacy) if legacy else None
    return Finding(value, min(values), max(values), control_value, value, control, interval=within)


def visitors(parts: Parts, given: Given) -> Finding | None:
    """Ours over the better control, in visitors; search by search."""
    return _compared(_cells(parts, {"part": "capacity", **given}), given, lambda one: one["visitors"], "visitors")


def memory_of_a_unit(parts: Parts, _given: Given) -> Finding | None:
    """KiB for each request that waits: ours over the leaner of the controls."""
    found = _compared(_cells(parts, {"part": "memory"}), {}, _units_of_a_mib, "")
    if found is None:
        return None
    legacy = 1024 / found.legacy if found.legacy else None
    modern = 1024 / found.modern if found.modern else None
    within = found.interval and (1 / found.interval[1], 1 / found.interval[0])
    return Finding(1 / found.value, 1 / found.most, 1 / found.least, legacy, modern, found.control, "KiB", within)


def bridge(parts: Parts, given: Given) -> Finding | None:
    """Of several ``loads`` of the toys the one that came out worst: ours over the fastest of ``against``."""
    cells = _results(parts, "bridge", "cells")
    found = []
    for load in given["loads"]:
        of_load = {one["contender"]: one for one in cells if one["load"] == load}
        one = _compared(of_load, given, _rates, "/s")
        if one is None:
            return None
        found.append(one)
    return min(found, key=lambda one: one.value, default=None)


def overhead(parts: Parts, given: Given) -> Finding | None:
    """Microseconds, median, in process: ``of``, less ``less`` where that is told."""
    found = next((one["overhead_us"] for one in _all(parts, "bridge")), None)
    if found is None:
        return None
    value = found[given["of"]] - (found[given["less"]] if "less" in given else 0.0)
    return Finding(value, value, value, modern=value)


def decision(parts: Parts, given: Given) -> Finding | None:
    """Microseconds, median, in process: the slowest of the requests ``of``."""
    costs = {one["subject"]: one["decision_p50"] for one in _results(parts, "decision", "costs")}
    found = [costs[subject] for subject in given["of"] if subject in costs]
    return _single(max(found)) if found else None


def percentile_of_jobs(parts: Parts, given: Given) -> Finding | None:
    """A percentile of one list of the jobs' figures, in milliseconds."""
    found = next((one[given["of"]] for one in _all(parts, "jobs")), None)
    return None if found is None else _percentile(found, given["percent"], 1000)


def api_while_downloading(parts: Parts, given: Given) -> Finding | None:
    """Milliseconds of the mix while films arrive: ``percent``, or the mean where none is told."""
    found = next((one for one in _all(parts, "jobs") if one["busy"]), None)
    if found is None:
        return None
    seconds = found["busy"]["latencies"]
    if "percent" in given:
        return _percentile(seconds, given["percent"], 1000)
    value = sum(seconds) / len(seconds) * 1000
    return Finding(value, min(seconds) * 1000, max(seconds) * 1000, modern=value)


def downloads_at_once(parts: Parts, _given: Given) -> Finding | None:
    """How many films arrived at the same time; the benchmark fails where one did not."""
    found = next((one["films"] for one in _all(parts, "jobs") if one["busy"]), None)
    return None if found is None else _single(float(found))


def jobs_an_hour(parts: Parts, _given: Given) -> Finding | None:
    """At the pace of a burst of short jobs."""
    found = next((one["jobs"] / one["burst"] * 3600 for one in _all(parts, "jobs")), None)
    return None if found is None else _single(found)


def sockets(parts: Parts, given: Given) -> Finding | None:
    """Milliseconds from the event to the frame, of those few whom it concerns."""
    found = next((one["few"] for one in _all(parts, "sockets")), None)
    return None if found is None else _percentile(found, given["percent"], 1000)


def propagation(parts: Parts, given: Given) -> Finding | None:
    """The slowest store's and load's p99 in seconds, of one layout of workers."""
    cells = [one for one in _results(parts, "propagation", "cells") if one["layout"] == given["layout"]]
    found = [_percentile(one["seconds"], 99, 1) for one in cells]
    return max(found, key=lambda one: one.value, default=None)


def rolled_back_by_mistake(parts: Parts, _given: Given) -> Finding | None:
    """Per cent of hours of sound routes."""
    found = _results(parts, "rollback", "mistakes")
    hours = sum(one["hours"] for one in found)
    return _single(100 * sum(one["ours"] for one in found) / hours) if hours else None


def rolled_back(parts: Parts, given: Given) -> Finding | None:
    """Seconds until a broken route was taken back by live processes; the slowest run. Missed: without end."""
    points = _results(parts, "rollback-live", "points")
    one = next((one for one in points if (one["rate"], one["errors"]) == (given["rate"], given["errors"])), None)
    if one is None:
        return None
    waits = [float("inf") if wait is None else wait for wait in one["seconds"]]
    return Finding(max(waits), min(waits), max(waits), modern=max(waits))


def large(parts: Parts, given: Given) -> Finding | None:
    """p95 in milliseconds of a library of 100,000 videos, of one database."""
    for found in _results(parts, "large", "answers"):
        if found["database"] == given["database"]:
            every = [one for values in found["milliseconds"].values() for one in values]
            return _percentile(every, 95, 1) if len(every) > 1 else None
    return None


MEASURES: Mapping[str, Callable[[Parts, Given], Finding | None]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        *(
            rates,
            figure,
            visitors,
            memory_of_a_unit,
            bridge,
            overhead,
            decision,
            percentile_of_jobs,
            api_while_downloading,
        ),
        *(downloads_at_once, jobs_an_hour, sockets, propagation, rolled_back_by_mistake, rolled_back, large),
    )
}


def paired(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Median, least and most of the ratios of rounds that were asked one after the other."""
    found = _ratios(ours, theirs)
    return median(found), min(found), max(found)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Where the median is of which these are samples, with at least 95 %. None of fewer than six.

    The order statistics between which it lies, by the binomial distribution: nothing is assumed of the noise but that
    it spoils one as soon as another (Conover, Practical Nonparametric Statistics, 3.2).
    """
    number, cut, outside = len(values), 0, 0.0
    while (outside := outside + 2 * comb(number, cut) / 2**number) <= _OUTSIDE:
        cut += 1
    ordered = sorted(values)
    return (ordered[cut - 1], ordered[number - cut]) if cut else None


def _units_of_a_mib(cell: Mapping[str, Any]) -> list[float]:
    """More is better here too, as of every other figure that is compared."""
    return [1024 / max(one["kib_per_unit"], 0.1) for one in cell["rounds"]]


def _rates(cell: Mapping[str, Any]) -> list[float]:
    return [one["rate"] for one in cell["rounds"]]


def _compared(
    cells: Mapping[str, Mapping[str, Any]], given: Given, figures: Callable[[Mapping[str, Any]], list[float]], unit: str
) -> Finding | None:
    ours, control = given.get("ours", OURS), _faster(cells, given, figures)
    if ours not in cells or "failed" in cells[ours] or not control or not all(figures(cells[control])):
        return None
    mine, theirs = figures(cells[ours]), figures(cells[control])
    within = interval(_ratios(mine, theirs))
    return Finding(*paired(mine, theirs), median(theirs), median(mine), control, unit, within)


def _faster(
    cells: Mapping[str, Mapping[str, Any]], given: Given, figures: Callable[[Mapping[str, Any]], list[float]]
) -> str:
    """Of those that took part; none where one of them failed: it might have been the faster one."""
    there = [name for name in given.get("against", CONTROLS) if name in cells]
    if any("failed" in cells[name] for name in there):
        return ""
    return max(there, key=lambda name: median(figures(cells[name])), default="")


def _cells(parts: Parts, given: Given) -> dict[str, Mapping[str, Any]]:
    """Those of a part that fit what is told, by contender."""
    cells = parts.get(given["part"], {}).get("cells", [])
    wanted = {key: given[key] for key in _KEYS if key in given}
    return {one["contender"]: one for one in cells if all(one.get(key) == value for key, value in wanted.items())}


def _all(parts: Parts, part: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = parts.get(part, {}).get("results", [])
    return found


def _results(parts: Parts, part: str, key: str) -> list[Mapping[str, Any]]:
    return [one for result in _all(parts, part) for one in result.get(key, [])]


def _percentile(values: Sequence[float], percent: int, factor: float) -> Finding:
    found = quantiles(values, n=100, method="inclusive")[percent - 1] * factor
    return Finding(found, min(values) * factor, max(values) * factor, modern=found)


def _single(value: float) -> Finding:
    return Finding(value, value, value, modern=value)
