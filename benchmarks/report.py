"""The report of one run: ``python -m benchmarks.report FOLDER``. The same raw results give the same bytes.

Writes `benchmarks.md`, its pictures in `benchmarks/`, and one HTML file, all beside the raw results; with
``--docs docs`` the first two there, unless it was a smallest run, or parts were never begun; with ``--partial`` then
too. What failed, was refused or never begun is told in the report.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.charts import Bar, Chart, Group
from benchmarks.claims import Claim, Row, Standing, figure, judged, read_claims
from benchmarks.document import Block, Figure, Heading, Listing, Paragraph, Printed, Sheet, html, markdown, pictures
from benchmarks.findings import paired
from benchmarks.mixes import Mixes, read_mixes
from benchmarks.results_folder import ResultsFolder
from benchmarks.scenario import Setting, described
from benchmarks.steps import Step, read_steps

ORIGINS = {"claim": "Claimed at the beginning", "target": "Targets of the design", "report": "Measured too"}
TEXT, PICTURES, PAGE = "benchmarks.md", "benchmarks", "report.html"
HOW = """
One process for each contender, all started before, one asked at a time, pinned to core 0. The load, the database server
and everything else are on core 1.

Saturation is asked by wrk; where a server gives fewer than 200 answers in a round, for up to three times as long by our
own generator, which waits for the last answers.

A constant rate is asked by our own generator, whose latencies count from the moment when a request was due: a server
that stalls is charged for everybody who would have come in the meantime.

Every round asks every contender, in reversed order every other time. A ratio compares rounds one by one; its median is
shown, and in brackets where the true median is with 95 %, whatever the noise looks like: of six rounds that is from the
least to the most. Where a target lies between these, the verdict is "undecided".

The control is the faster of Werkzeug's threaded server, as 0.9 was run, and gunicorn with threads.

Nothing begins on a busy machine. Before every round the same work is timed on the servers' core, which tells how the
machine's pace changed; no round is thrown away for it.

A contender that refuses or breaks is left out of its setting, and what would be held against it is not measured.

Mixes, threads, pools and think time were fixed in benchmarks/mixes.toml before the first run; claims and targets in
benchmarks/claims.toml. Every figure below is computed from the raw results.
"""

STEPS = (
    "What a profile found where a target was missed, and what was done. Each step was measured when it was made, by "
    "itself; these figures are not of this run, and those of two steps are no series."
)


def blocks(folder: ResultsFolder, mixes: Mixes, claims: Sequence[Claim], steps: Sequence[Step]) -> list[Block]:
    """The whole report."""
    about, parts = folder.about(), folder.parts()
    found: list[Block] = [Heading(1, "Benchmarks"), Paragraph(_first(about, parts))]
    rows = judged(claims, parts)
    found += [Heading(2, "Promised and found"), Paragraph(_counted(rows)), *_claims(rows)]
    found += [Heading(2, "What stood in the way, and what each step gained"), Paragraph(STEPS), _steps(steps)]
    found += [Heading(2, "How it was measured"), Listing(_paragraphs(HOW)), *_disturbed(parts)]
    found += [
        Heading(2, "What was compared"),
        *_scenarios(parts, mixes),
        *_visitors(parts, mixes),
        *_memory(parts, mixes),
    ]
    found += [Heading(2, "Programs"), *_programs(parts, mixes)]
    found += [Heading(2, "On what"), Sheet(("", ""), tuple(sorted(about["environment"].items())))]
    found += [Heading(2, "Commands"), Listing(("make bench", f"python -m benchmarks.report {folder.path.name}"))]
    if failures := folder.failures():
        found += [Heading(2, "What failed"), Listing(failures)]
    if untried := _untried(folder, mixes):
        found += [Heading(2, "What was not begun"), Listing(untried)]
    return found


def _untried(folder: ResultsFolder, mixes: Mixes) -> tuple[str, ...]:
    """The parts of which nothing is known."""
    failed = folder.failed()
    return tuple(name for name in mixes.order if not folder.has(name) and name not in failed)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(" ".join(one.split()) for one in text.split("\n\n"))


def _first(about: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> str:
    told = [f"Made by `make bench` from the run that began at {about['begun_at']}, commit {about['commit']}."]
    commits = {name: part.get("environment", {}).get("commit", about["commit"]) for name, part in parts.items()}
    if again := [f"{name} at {commit}" for name, commit in commits.items() if commit != about["commit"]]:
        told.append(f"Parts that were measured at another commit: {', '.join(again)}.")
    if about["smallest"]:
        told.append("This is a smallest run: it shows that the parts work. None of its figures is a measurement.")
    if noisy := [name for name, part in parts.items() if part.get("noise")]:
        told.append(f"The machine was not quiet during: {', '.join(noisy)}. These figures should not be believed.")
    return " ".join(told)


def _disturbed(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[Block]:
    """What other guests of the machine did to the run, as far as it is known."""
    spreads = {name: part["calibrations"] for name, part in parts.items() if part.get("calibrations")}
    told = ", ".join(f"{name} {max(times) / min(times):.2f}" for name, times in spreads.items())
    if told:
        yield Paragraph(
            f"How the machine's pace changed within a part, the same work's longest time over its shortest: {told}."
        )


def _counted(rows: Sequence[Row]) -> str:
    counts = Counter(row.standing for row in rows)
    told = ", ".join(f"{standing.value}: {counts[standing]}" for standing in Standing if counts[standing])
    return f"Of {len(rows)} promises: {told}. What was missed says by how much, and why where that is known."


def _claims(rows: Sequence[Row]) -> Iterator[Block]:
    head = ("promise", "how it is measured", "target", "legacy", "modern", "found (rounds)", "verdict")
    for origin, title in ORIGINS.items():
        yield Heading(3, title)
        yield Sheet(head, tuple(_claim(row) for row in rows if row.claim.origin == origin))


def _claim(row: Row) -> tuple[str, ...]:
    claim, found = row.claim, row.finding
    sign = "≥" if claim.better == "more" else "≤"
    target = f"{sign} {figure(claim.target, claim.unit)}".replace(" ", "\N{NO-BREAK SPACE}") if claim.measure else ""
    if found is None:
        return (claim.name, claim.how, target, "", "", "", row.sentence)
    unit = found.unit or claim.unit
    legacy = "" if found.legacy is None else f"{figure(found.legacy, unit)} ({found.control})"
    modern = "" if found.modern is None else figure(found.modern, unit)
    low, high = found.interval or (found.least, found.most)
    spread = "" if low == high else f" ({low:.3g} to {high:.3g})"
    verdict = f"**{row.sentence}**" if row.standing is Standing.MISSED else row.sentence
    return (claim.name, claim.how, target, legacy, modern, figure(found.value, claim.unit) + spread, verdict)


def _steps(steps: Sequence[Step]) -> Sheet:
    head = ("promise", "what was found", "step", "measured", "before", "after", "gain", "told in")
    return Sheet(head, tuple(_step(one) for one in steps))


def _step(one: Step) -> tuple[str, ...]:
    figures = (figure(one.before, one.unit), figure(one.after, one.unit), figure(one.gain, "×"))
    return (one.served, one.found, one.step, one.how, *figures, one.kept_in)


def _scenarios(parts: Mapping[str, Mapping[str, Any]], mixes: Mixes) -> Iterator[Block]:
    for scenario in mixes.scenarios:
        if scenario.name not in parts:
            continue
        cells = parts[scenario.name]["cells"]
        field, unit = ("p95", "milliseconds, p95") if scenario.load == "offered" else ("rate", "requests per second")
        groups = [
            (described(Setting(*key)), tuple(group))
            for key, group in groupby(cells, lambda one: (one["database"], one["library"], one["delay"], one["routes"]))
        ]
        drawn = tuple(
            Group(
                title,
                tuple(_bar(one, [each[field] for each in one["rounds"]], mixes) for one in group if one["rounds"]),
            )
            for title, group in groups
        )
        yield Heading(3, scenario.title)
        yield Figure(scenario.name, Chart(scenario.title, unit, drawn))
        rows = tuple(row for title, group in groups for row in _rows(title, group, mixes))
        head = ("", "contender", "requests/s (rounds)", "p50 ms", "p95 ms", "p99 ms", "core", "× faster control")
        yield Sheet(head, rows)


def _rows(title: str, cells: Sequence[Mapping[str, Any]], mixes: Mixes) -> Iterator[tuple[str, ...]]:
    controls = [one for one in cells if one["contender"] in mixes.controls and one["rounds"]]
    control = max(controls, key=lambda one: median(_rates(one)), default=None)
    for one in cells:
        contender = mixes.contenders[one["contender"]].title
        if not one["rounds"]:
            yield (title, contender, f"**failed**: {one['failed']}", "", "", "", "", "")
            continue
        rates = _rates(one)
        times = "" if control is None else "{:.2f} ({:.2f} to {:.2f})".format(*paired(rates, _rates(control)))
        middle = [f"{median(each[name] for each in one['rounds']):,.1f}" for name in ("p50", "p95", "p99")]
        busy = median(each["server_busy"] for each in one["rounds"])
        yield (
            title,
            contender,
            f"{median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})",
            *middle,
            f"{busy:.0%}",
            times,
        )


def _rates(cell: Mapping[str, Any]) -> list[float]:
    return [each["rate"] for each in cell["rounds"]]


def _bar(cell: Mapping[str, Any], values: Sequence[float], mixes: Mixes) -> Bar:
    contender = mixes.contenders[cell["contender"]]
    kind = {"legacy": "legacy", "modern": "modern"}.get(contender.app, contender.stage)
    kind = "hybrid" if kind == "mixed" or (contender.app == "hybrid" and kind == "legacy") else kind
    return Bar(contender.title, median(values), min(values), max(values), kind)


def _visitors(parts: Mapping[str, Mapping[str, Any]], mixes: Mixes) -> Iterator[Block]:
    if "capacity" not in parts:
        return
    titles = {one.name: one.title for one in mixes.visitors.mixes}
    cells = parts["capacity"]["cells"]
    groups = tuple(
        Group(f"{database}, {titles.get(mix, mix)}", tuple(_bar(one, one["visitors"], mixes) for one in group))
        for (database, mix), group in groupby(cells, lambda one: (one["database"], one["mix"]))
    )
    title = f"Visitors within p95 {mixes.visitors.p95:g} ms"
    yield Heading(3, title)
    yield Paragraph(f"Each asks, reads for {mixes.visitors.think:g} s on average, and asks again.")
    yield Figure("capacity", Chart(title, "visitors", groups))


def _memory(parts: Mapping[str, Mapping[str, Any]], mixes: Mixes) -> Iterator[Block]:
    if "startup" in parts:
        yield Heading(3, "Start, and memory at rest and after a saturation")
        head = ("contender", "seconds to the first answer", "MiB at rest", "MiB after work")
        names = ("seconds", "rest_mib", "worked_mib")
        yield Sheet(head, tuple(_medians(one, names, mixes) for one in parts["startup"]["cells"]))
    if "memory" in parts:
        cells = parts["memory"]["cells"]
        title = "Memory of a request that waits"
        bars = tuple(_bar(one, [each["kib_per_unit"] for each in one["rounds"]], mixes) for one in cells)
        yield Heading(3, title)
        yield Figure("memory", Chart(title, "KiB for each", (Group("", bars),)))


def _medians(cell: Mapping[str, Any], names: Sequence[str], mixes: Mixes) -> tuple[str, ...]:
    figures = (f"{median(each[name] for each in cell['rounds']):,.1f}" for name in names)
    return (mixes.contenders[cell["contender"]].title, *figures)


def _programs(parts: Mapping[str, Mapping[str, Any]], mixes: Mixes) -> Iterator[Block]:
    for program in mixes.programs:
        if program.name in parts:
            yield Heading(3, program.name)
            yield Paragraph(f"`python -m {program.module}`, exit code {parts[program.name]['exit']}.")
            yield Printed(parts[program.name]["output"])


def write(folder: ResultsFolder, docs: Path) -> list[Path]:
    """Writes both. Returns the files."""
    found = blocks(folder, read_mixes(), read_claims(), read_steps())
    (docs / PICTURES).mkdir(parents=True, exist_ok=True)
    files = {docs / TEXT: markdown(found, PICTURES), folder.path / PAGE: html(found)}
    files |= {docs / PICTURES / name: drawn for name, drawn in pictures(found).items()}
    for file, text in files.items():
        file.write_text(text, "utf-8")
    return list(files)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--docs", type=Path, help="the folder of the text; else beside the raw results")
    parser.add_argument("--partial", action="store_true", help="into that folder although parts were never begun")
    asked = parser.parse_args(argv)
    if not (asked.folder / "run.json").exists():
        print(f"{asked.folder} holds no run", file=sys.stderr)
        return 2
    folder, docs = ResultsFolder(asked.folder), asked.docs
    untried = _untried(folder, read_mixes())
    if docs and ((untried and not asked.partial) or folder.about()["smallest"]):
        print(f"Not a whole run, so nothing goes into {docs}. Missing: {', '.join(untried) or 'a measurement'}")
        docs = None
    for file in write(folder, docs or folder.path):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
