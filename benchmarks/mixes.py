"""What is measured, as values: `mixes.toml`, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reading import BadPlan, Reader, read_toml

FILE = Path(__file__).parent / "mixes.toml"
DATABASES = ("sqlite", "mariadb")
SERVERS = ("werkzeug", "gunicorn", "uvicorn")
ENTRANCES = ("legacy", "hybrid", "modern")
STAGES = ("", "legacy", "modern", "mixed")
LOADS = ("saturation", "offered")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LOGINS = ("", "cookie", "bearer")
FILES = ("", "picture")


@dataclass(frozen=True)
class Timing:
    """Seconds of a round that count, seconds before them that don't, and how many rounds there are."""

    rounds: int
    seconds: float
    warm_up: float


@dataclass(frozen=True)
class Plan:
    """What holds for every part. ``shift``: the share by which a calibration may move between two rounds.

    ``outside``: milliseconds until the slow site answers.
    """

    timing: Timing
    server_core: int
    load_core: int
    threads: int
    pool: int
    overflow: int
    shift: float
    quiet_load: float
    outside: float


@dataclass(frozen=True)
class Library:
    """How many rows there are."""

    artists: int
    videos: int


@dataclass(frozen=True)
class Contender:
    """One way of serving. ``app`` is the entrance of an application; ``control``: one of those to be beaten."""

    name: str
    title: str
    server: str
    app: str
    stage: str
    control: bool


@dataclass(frozen=True)
class Application:
    """Import strings by entrance; one that ends with ``()`` is a factory. ``ready`` is a path that answers 200."""

    name: str
    entrances: Mapping[str, str]
    ready: str


@dataclass(frozen=True)
class Ask:
    """One kind of request, asked ``weight`` times as often as one of weight 1, to be answered with ``status``."""

    method: str
    path: str
    weight: int
    status: int
    body: str
    file: str
    login: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Scenario:
    """``share``: of the slower control's rate at saturation. ``delays``: milliseconds of a round trip to the database.

    ``routes``: sizes of the table, of applications that have one. ``lag``: the loop's worst pause is asked for too.
    """

    name: str
    title: str
    application: str
    requests: tuple[Ask, ...]
    connections: int
    load: str
    share: float
    databases: tuple[str, ...]
    libraries: tuple[str, ...]
    delays: tuple[float, ...]
    routes: tuple[int, ...]
    contenders: tuple[str, ...]
    lag: bool


@dataclass(frozen=True)
class Mix:
    """What visitors ask for."""

    name: str
    title: str
    requests: tuple[Ask, ...]


@dataclass(frozen=True)
class Visitors:
    """``think``: seconds between two requests of one visitor. ``p95``: milliseconds. ``exactness``: of the result.

    ``most``: visitors at which a search ends. ``searches``: of each contender.
    """

    think: float
    p95: float
    most: int
    exactness: float
    searches: int
    connections: int
    seconds: float
    databases: tuple[str, ...]
    contenders: tuple[str, ...]
    mixes: tuple[Mix, ...]


@dataclass(frozen=True)
class Holding:
    """So many requests that wait at the same time, for so many ``milliseconds``."""

    units: int
    milliseconds: float
    contenders: tuple[str, ...]


@dataclass(frozen=True)
class Program:
    """A benchmark that runs as it is. ``within`` is in minutes; the last four are for ``--smallest``."""

    name: str
    module: str
    within: float
    smallest: tuple[str, ...]
    constants: Mapping[str, Any]
    plan: Mapping[str, Any]
    call: Mapping[str, Any]


@dataclass(frozen=True)
class Mixes:
    """The whole file."""

    plan: Plan
    smallest: Timing
    libraries: Mapping[str, Library]
    contenders: Mapping[str, Contender]
    applications: Mapping[str, Application]
    scenarios: tuple[Scenario, ...]
    visitors: Visitors
    holding: Holding
    programs: tuple[Program, ...]

    @property
    def controls(self) -> tuple[str, ...]:
        """Names of the contenders that are to be beaten."""
        return tuple(name for name, one in self.contenders.items() if one.control)

    def scenario(self, name: str) -> Scenario:
        return next(one for one in self.scenarios if one.name == name)


def read_mixes(path: Path = FILE) -> Mixes:
    """Reads the file. Raises `BadPlan`, naming the key."""
    return parse(read_toml(path))


def parse(reader: Reader) -> Mixes:
    """The values of a file. Raises `BadPlan`, naming the key."""
    libraries = {name: _library(one) for name, one in reader.named_tables("libraries")}
    contenders = {name: _contender(name, one) for name, one in reader.named_tables("contenders")}
    applications = {name: _application(name, one) for name, one in reader.named_tables("applications")}
    known = _Known(tuple(libraries), tuple(contenders), tuple(applications))
    found = Mixes(
        plan=_plan(reader.table("plan")),
        smallest=_timing(reader.table("smallest"), ends=True),
        libraries=libraries,
        contenders=contenders,
        applications=applications,
        scenarios=tuple(_scenario(one, known) for one in reader.tables("scenarios")),
        visitors=_visitors(reader.table("visitors"), known),
        holding=_holding(reader.table("holding"), known),
        programs=tuple(_program(one) for one in reader.tables("programs")),
    )
    reader.end()
    names = [*(one.name for one in found.scenarios), *(one.name for one in found.programs)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadPlan(f"two parts have the name {min(twice)}")
    if found.plan.server_core == found.plan.load_core:
        raise BadPlan("plan.load_core is the server's own core")
    return found


@dataclass(frozen=True)
class _Known:
    libraries: tuple[str, ...]
    contenders: tuple[str, ...]
    applications: tuple[str, ...]


def _plan(table: Reader) -> Plan:
    found = Plan(
        timing=_timing(table),
        server_core=table.take("server_core", int),
        load_core=table.take("load_core", int),
        threads=table.positive("threads", int),
        pool=table.positive("pool", int),
        overflow=table.take("overflow", int),
        shift=table.positive("shift", float),
        quiet_load=table.positive("quiet_load", float),
        outside=table.positive("outside", float),
    )
    table.end()
    return found


def _timing(table: Reader, *, ends: bool = False) -> Timing:
    found = Timing(
        table.positive("rounds", int),
        table.positive("seconds", float),
        table.positive("warm_up", float),
    )
    if ends:
        table.end()
    return found


def _library(table: Reader) -> Library:
    found = Library(table.positive("artists", int), table.positive("videos", int))
    table.end()
    return found


def _contender(name: str, table: Reader) -> Contender:
    found = Contender(
        name,
        table.take("title", str),
        table.one_of("server", SERVERS),
        table.one_of("app", ENTRANCES),
        table.one_of("stage", STAGES, ""),
        table.take("control", bool, default=False),
    )
    table.end()
    return found


def _application(name: str, table: Reader) -> Application:
    found = Application(name, {one: table.take(one, str) for one in ENTRANCES}, table.take("ready", str))
    table.end()
    return found


def _ask(table: Reader) -> Ask:
    found = Ask(
        method=table.one_of("method", METHODS, "GET"),
        path=table.take("path", str),
        weight=table.positive("weight", int, 1),
        status=table.positive("status", int, 200),
        body=table.take("json", str, ""),
        file=table.one_of("file", FILES, ""),
        login=table.one_of("login", LOGINS, ""),
        headers=table.texts("headers"),
    )
    table.end()
    return found


def _asks(table: Reader) -> tuple[Ask, ...]:
    found = tuple(_ask(one) for one in table.tables("requests"))
    if not found:
        raise BadPlan(f"{table.name}.requests is empty")
    return found


def _scenario(table: Reader, known: _Known) -> Scenario:
    found = Scenario(
        name=table.take("name", str),
        title=table.take("title", str),
        application=table.one_of("application", known.applications, "product"),
        requests=_asks(table),
        connections=table.positive("connections", int),
        load=table.one_of("load", LOADS, "saturation"),
        share=table.take("share", float, 0.0),
        databases=table.among("databases", DATABASES, ("sqlite",)),
        libraries=table.among("libraries", known.libraries, ("fixture",)),
        delays=table.tuple_of("delays", float, (0.0,)),
        routes=table.tuple_of("routes", int, (0,)),
        contenders=table.among("contenders", known.contenders, known.contenders),
        lag=table.take("lag", bool, default=False),
    )
    if (found.load == "offered") != (0 < found.share < 1):
        raise BadPlan(f"{table.name}.share is between 0 and 1 where load is offered, and absent elsewhere")
    table.end()
    return found


def _visitors(table: Reader, known: _Known) -> Visitors:
    mixes = []
    for one in table.tables("mixes"):
        mixes.append(Mix(one.take("name", str), one.take("title", str), _asks(one)))
        one.end()
    found = Visitors(
        think=table.positive("think", float),
        p95=table.positive("p95", float),
        most=table.positive("most", int),
        exactness=table.positive("exactness", float),
        searches=table.positive("searches", int),
        connections=table.positive("connections", int),
        seconds=table.positive("seconds", float),
        databases=table.among("databases", DATABASES),
        contenders=table.among("contenders", known.contenders),
        mixes=tuple(mixes),
    )
    table.end()
    return found


def _holding(table: Reader, known: _Known) -> Holding:
    found = Holding(
        units=table.positive("units", int),
        milliseconds=table.positive("milliseconds", float),
        contenders=table.among("contenders", known.contenders),
    )
    table.end()
    return found


def _program(table: Reader) -> Program:
    found = Program(
        name=table.take("name", str),
        module=table.take("module", str),
        within=table.positive("within", float),
        smallest=table.tuple_of("smallest", str, ()),
        constants=table.take("constants", dict, {}),
        plan=table.take("plan", dict, {}),
        call=table.take("call", dict, {}),
    )
    table.end()
    return found
