"""What is measured, as values: `mixes.toml`, read strictly."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt
from pydantic.dataclasses import dataclass

from benchmarks.reading import STRICT, Amount, BadPlan, Count, checked, read_toml

FILE = Path(__file__).parent / "mixes.toml"
PRODUCT = "product"
OWN_PARTS = ("capacity", "startup", "memory")
"""Parts that are neither a scenario nor a program."""

Database = Literal["sqlite", "mariadb"]
Constants = Mapping[str, Any]
Texts = Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Timing:
    """Seconds of a round that count, seconds before them that don't, and how many rounds there are."""

    rounds: Count
    seconds: Amount
    warm_up: Amount


@dataclass(frozen=True, config=STRICT)
class Plan(Timing):
    """What holds for every part. ``quiet_within``: seconds in which the machine may become quiet.

    ``outside``: milliseconds until the slow site answers.
    """

    server_core: StrictInt
    load_core: StrictInt
    threads: Count
    pool: Count
    overflow: StrictInt
    quiet_load: Amount
    quiet_within: Amount
    outside: Amount


@dataclass(frozen=True, config=STRICT)
class Library:
    """How many rows there are."""

    artists: Count
    videos: Count


@dataclass(frozen=True, config=STRICT)
class Contender:
    """One way of serving. ``app`` is the entrance of an application; ``control``: one of those to be beaten.

    ``usual``: it takes part wherever no contenders are named.
    """

    name: str
    title: str
    server: Literal["werkzeug", "gunicorn", "uvicorn"]
    app: Literal["legacy", "hybrid", "modern"]
    stage: Literal["", "legacy", "modern", "mixed"] = ""
    control: StrictBool = False
    usual: StrictBool = True


@dataclass(frozen=True, config=STRICT)
class Application:
    """Import strings by entrance; one that ends with ``()`` is a factory. ``ready`` is a path that answers 200."""

    name: str
    legacy: str
    hybrid: str
    modern: str
    ready: str

    def entrance(self, contender: Contender) -> str:
        return {"legacy": self.legacy, "hybrid": self.hybrid, "modern": self.modern}[contender.app]


@dataclass(frozen=True, config=STRICT)
class Ask:
    """One kind of request, asked ``weight`` times as often as one of weight 1, to be answered with ``status``."""

    path: str
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    weight: Count = 1
    status: Count = 200
    json: str = ""
    file: Literal["", "picture"] = ""
    login: Literal["", "cookie", "bearer"] = ""
    headers: Mapping[str, str] = Field(default_factory=dict)


Asks = Annotated[tuple[Ask, ...], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class Scenario:
    """``share``: of the slower control's rate at saturation. ``delays``: milliseconds of a round trip to the database.

    ``routes``: sizes of the table, of applications that have one. ``lag``: the loop's worst pause is asked for too.
    ``ceiling``: and how much the server's core could do without a server.
    """

    name: str
    title: str
    requests: Asks
    connections: Count
    application: str = PRODUCT
    load: Literal["saturation", "offered"] = "saturation"
    share: float = 0.0
    databases: tuple[Database, ...] = ("sqlite",)
    libraries: Texts = ("fixture",)
    delays: tuple[float, ...] = (0.0,)
    routes: tuple[StrictInt, ...] = (0,)
    contenders: tuple[str, ...] = ()
    lag: StrictBool = False
    ceiling: StrictBool = False


@dataclass(frozen=True, config=STRICT)
class Mix:
    """What visitors ask for."""

    name: str
    title: str
    requests: Asks


@dataclass(frozen=True, config=STRICT)
class Visitors:
    """``think``: seconds between two requests of one visitor. ``p95``: milliseconds. ``exactness``: of the result.

    ``fewest`` and ``most``: visitors at which a search begins and ends. ``searches``: of each contender.
    """

    think: Amount
    p95: Amount
    fewest: Count
    most: Count
    exactness: Amount
    searches: Count
    connections: Count
    seconds: Amount
    databases: tuple[Database, ...]
    mixes: tuple[Mix, ...]


@dataclass(frozen=True, config=STRICT)
class Holding:
    """So many requests that wait at the same time, for so many ``milliseconds``."""

    units: Count
    milliseconds: Amount


@dataclass(frozen=True, config=STRICT)
class Program:
    """A benchmark that runs as it is, and how many ``minutes`` that takes. The last four are for ``--smallest``."""

    name: str
    module: str
    minutes: Amount
    smallest: tuple[str, ...] = ()
    constants: Constants = Field(default_factory=dict)
    plan: Constants = Field(default_factory=dict)
    call: Constants = Field(default_factory=dict)


@dataclass(frozen=True, config=STRICT)
class Mixes:
    """The whole file. ``order``: the names of all parts."""

    order: Texts
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

    def chosen(self, names: Sequence[str] = ()) -> list[Contender]:
        """Those that are named, the usual ones where none is; in the order of the file."""
        return [one for name, one in self.contenders.items() if (name in names if names else one.usual)]


def read_mixes(path: Path = FILE) -> Mixes:
    """Reads the file. Raises `BadPlan`, naming the key."""
    table = read_toml(path)
    for kind in ("contenders", "applications"):
        table[kind] = {name: {"name": name, **one} for name, one in table.get(kind, {}).items()}
    found = checked(Mixes, table, path.name)
    _check_names(found)
    if found.plan.server_core == found.plan.load_core:
        raise BadPlan("plan.load_core is the server's own core")
    for one in found.scenarios:
        if (one.load == "offered") != (0 < one.share < 1):
            raise BadPlan(f"scenarios[{one.name}].share is between 0 and 1 where load is offered, and absent elsewhere")
    return found


def _check_names(mixes: Mixes) -> None:
    """Raises `BadPlan` where something names what is not there, or a part has no place in the order."""
    for one in mixes.scenarios:
        _among(f"scenarios[{one.name}].contenders", one.contenders, mixes.contenders)
        _among(f"scenarios[{one.name}].libraries", one.libraries, mixes.libraries)
        _among(f"scenarios[{one.name}].application", [one.application], mixes.applications)
    parts = [*(one.name for one in mixes.scenarios), *OWN_PARTS, *(one.name for one in mixes.programs)]
    for name in parts:
        if parts.count(name) > 1:
            raise BadPlan(f"two parts have the name {name}")
        if mixes.order.count(name) != 1:
            raise BadPlan(f"order names {name} {mixes.order.count(name)} times")
    _among("order", mixes.order, parts)


def _among(key: str, names: Iterable[str], known: Iterable[str]) -> None:
    there = list(known)
    for name in names:
        if name not in there:
            raise BadPlan(f"{key} names {name!r}; known: {', '.join(there)}")
