"""Many real downloads at once, and what the API answers meanwhile. `benchmarks.jobs` prints the figures.

yt-dlp fetches films from a site on loopback that sends them slowly, in a process of its own. Run as a module this is
the client: it reads a load from standard input, offers it at a constant rate, and writes every latency, counted from
the moment when the request was due.
"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import mean, quantiles

import httpx

from benchmarks.generator import Load, Run, request
from benchmarks.load import LoadFailed

MIX = (
    *("/api/videos/?limit=50", "/api/videos/97", "/api/jobs?state=active", "/api/artists/?per_page=50"),
    *("/api/videos/198", "/api/jobs/changes", "/api/settings/", "/api/jobs/stats", "/api/videos/299", "/api/health"),
)
"""Asked in turn: a page of the library, single rows, and what the downloads page asks for."""

NUMBER = 50
RATE = 20.0
"""Requests a second over the whole mix."""
BYTES_A_SECOND = 200_000
"""How fast each film arrives."""
FILM_SECONDS = 60
CONNECTIONS = 10
_UNDER_WAY_WITHIN = 600.0
_STOP_WITHIN = 30.0
_PROJECT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Answers:
    """Seconds from the moment when each request was due to the end of its answer. `late_p99` is the client's own."""

    latencies: tuple[float, ...]
    late_p99: float

    @property
    def mean(self) -> float:
        return mean(self.latencies)

    @property
    def p95(self) -> float:
        return quantiles(self.latencies, n=100, method="inclusive")[94]


def asked(port: int, cookie: str, seconds: float, core: int, rate: float = RATE) -> Answers:
    """Offers the mix from `core`. Raises LoadFailed when an answer was no 200."""
    requests = [request("GET", path, headers={"Cookie": cookie}).decode("latin-1") for path in MIX]
    load = {"port": port, "requests": requests, "connections": CONNECTIONS, "seconds": seconds, "rate": rate}
    argv = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.downloads"]
    ran = subprocess.run(
        argv, cwd=_PROJECT, input=json.dumps(load), check=False, capture_output=True, text=True, timeout=seconds + 60
    )
    if ran.returncode:
        raise LoadFailed(ran.stderr.strip().splitlines()[-1] if ran.stderr else "the client failed")
    told = json.loads(ran.stdout)
    late = quantiles(told["lateness"], n=100, method="inclusive")[98]
    return Answers(tuple(told["latencies"]), late)


@contextmanager
def under_way(
    client: httpx.Client, environment: Mapping[str, str], folder: Path, number: int, rate: float
) -> Iterator[None]:
    """So many films are being fetched by a real worker when the block begins, and no film is complete at its end.

    Raises LoadFailed otherwise.
    """
    film = make_film(folder)
    with _films(film, rate) as site, _worker(environment, folder, number):
        for one in range(number):
            order = {"kind": "download", "url": f"{site}/{one}.mp4", "title": f"Film {one}", "artist": "Nova Kestrel"}
            client.post("/api/jobs", json=order).raise_for_status()
        deadline = time.monotonic() + _UNDER_WAY_WITHIN
        while (there := arriving(client)) < number:
            if time.monotonic() > deadline:
                raise LoadFailed(f"only {there} of {number} downloads began: {_why(folder)}")
            time.sleep(0.5)
        yield
        if (there := arriving(client)) < number:
            raise LoadFailed(f"only {there} of {number} downloads lasted; a lower rate of bytes makes them longer")


def arriving(client: httpx.Client) -> int:
    """How many films are coming in at this moment."""
    jobs = client.get("/api/jobs", params={"state": "running", "kind": "download", "limit": 200}).json()["jobs"]
    return sum(1 for job in jobs if job["stage"] == "downloading" and job["bytes_done"])


def make_film(folder: Path, seconds: int = FILM_SECONDS) -> Path:
    """A real film of about a megabyte for each of its seconds."""
    path = folder / "film.mp4"
    source = ("-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={seconds},noise=alls=60:allf=t")
    sound = ("-f", "lavfi", "-i", f"sine=d={seconds}")
    coding = ("-c:v", "mpeg4", "-q:v", "6", "-c:a", "aac", "-movflags", "+faststart")
    subprocess.run(["ffmpeg", "-v", "error", *source, *sound, *coding, str(path)], check=True)
    return path


@contextmanager
def _films(film: Path, rate: float) -> Iterator[str]:
    """A site that has this film under any name, in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    spawning = multiprocessing.get_context("spawn")
    process = spawning.Process(target=_serve, args=(film, rate, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("end")
        process.join(_STOP_WITHIN)
        ours.close()
        theirs.close()


def _serve(film: Path, rate: float, told: Connection) -> None:
    from tests.servers.media_server import media_server  # noqa: PLC0415  only this process serves

    content = film.read_bytes()
    with media_server() as site:
        for number in range(256):
            site.put(f"/{number}.mp4", content, rate=rate)
        told.send(site.url)
        told.recv()


@contextmanager
def _worker(environment: Mapping[str, str], folder: Path, processes: int) -> Iterator[None]:
    """`mvidarr worker` with its beat, for downloads only. Its jobs are handed back at the end."""
    ours = ("MVIDARR_", "DB_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    argv = [sys.executable, "-m", "fastapi_app.cli", "worker", "--queues", "downloads", "--beat"]
    with (folder / "downloads.log").open("wb") as log:
        process = subprocess.Popen(
            [*argv, "--processes", str(processes)],
            cwd=folder,
            env={**inherited, **environment, "PYTHONPATH": str(_PROJECT)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _why(folder: Path) -> str:
    return (folder / "downloads.log").read_text(errors="replace")[-1000:]


def main() -> None:
    """Reads a load from standard input, writes its latencies to standard output."""
    told = json.load(sys.stdin)
    load = Load(**{**told, "requests": tuple(one.encode("latin-1") for one in told["requests"])})
    Run(Load(**{**asdict(load), "seconds": load.warm_up, "rate": None})).run()
    run = Run(load)
    run.run()
    json.dump({"latencies": run.latencies, "lateness": run.lateness}, sys.stdout)


if __name__ == "__main__":
    main()
