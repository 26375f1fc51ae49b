"""Pure: how a row is entered on the modern side."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from router.declared import Declared
from router.native_telemetry import KEY as TELEMETRY
from router.native_telemetry import NativeTelemetry, is_plain
from router.prematched import ROUTES, KnownRoute, Refusal
from router.row import Row
from router.template import Kind as StepKind
from router.template import Template
from router.types import Scope
from router.verdict import Kind, Verdict


@dataclass(frozen=True, slots=True)
class Entrance:
    """``routes`` are the application's own, or None: then it finds its way itself; or a refusal.

    ``head_routes`` are for HEAD; None means that HEAD is asked as GET, and the body dropped. ``slash``: whether the
    application's path ends in one, where legacy takes it with and without; None where that is no question.
    ``numbers``: legacy's templates with numbers in them, which it reads in any script. ``telemetry`` is the
    application's own, where it may be told that nobody listens.
    """

    routes: tuple[KnownRoute, ...] | Refusal | None
    head_routes: tuple[KnownRoute, ...] | None
    slash: bool | None = None
    numbers: tuple[Template, ...] = ()
    telemetry: NativeTelemetry | None = None

    def open(self, scope: Scope, path: str) -> bool:
        """Prepares the scope, in place. Returns whether the answer's body must be dropped.

        What counted as the same when the row was found is the same for the application too: leading slashes, a final
        one where legacy does not care, digits.
        """
        if self is UNAIDED:
            return False
        if self.slash is not None or self.numbers or path[1:2] == "/":
            self._straighten(scope, path)
        if self.telemetry is not None and self.telemetry.is_idle:
            scope.setdefault(TELEMETRY, None)
        routes, drop = self.routes, False
        if scope["method"] == "HEAD":
            if isinstance(routes, Refusal):
                drop = True
            elif self.head_routes is None:
                scope["method"], drop = "GET", True
            elif routes is not None:
                routes = self.head_routes
        if routes is not None:
            scope[ROUTES] = (routes, scope["method"], scope["path"])
        return drop

    def _straighten(self, scope: Scope, path: str) -> None:
        straight = "/" + path.lstrip("/") if path[1:2] == "/" else path
        if self.slash is not None:
            straight = straight.rstrip("/") + "/" * self.slash
        if self.numbers and not straight.isascii():
            taker = next((template for template in self.numbers if template.accepts(straight)), None)
            straight = straight if taker is None else taker.with_ascii_digits(straight)
        if straight != path:
            scope["path"] = scope["path"].removesuffix(path) + straight
            scope["raw_path"] = quote(scope["path"]).encode()


UNAIDED = Entrance(None, ())
"""The application finds its way itself, HEAD included."""


def refusing(verdict: Verdict) -> Entrance:
    """Where a request enters that no row takes."""
    if verdict.kind is Kind.UNKNOWN:
        return UNAIDED
    return Entrance(Refusal(404) if verdict.kind is Kind.NOT_FOUND else Refusal(405, verdict.allow), ())


def entrance_of(row: Row, telemetry: NativeTelemetry | None = None) -> Entrance:
    """The entrance of a row that modern owns; of the virtual row too."""
    if row.unmatched or not row.modern:
        return UNAIDED
    heads = tuple(route for route in row.modern if route.method == "HEAD" or route.answers_head)
    mains = tuple(route for route in row.modern if route.method == row.method) or row.modern
    known = all(route.handle is not None for route in row.modern)
    return Entrance(
        _known(mains) if known else None,
        _known(heads if known else ()) if heads or row.method != "GET" else None,
        _slash(row),
        tuple(route.template for route in row.legacy if route.template.is_numeric),
        telemetry if known and all(is_plain(route.handle) for route in row.modern) else None,
    )


def _slash(row: Row) -> bool | None:
    loose = [route.template for route in row.legacy if route.loose_slash]
    if not loose or (loose[0].steps[-1].kind is StepKind.TAIL and not loose[0].ends_in_slash):
        return None
    return loose[0].ends_in_slash


def _known(routes: Iterable[Declared]) -> tuple[KnownRoute, ...]:
    return tuple(KnownRoute.of(route.handle, route.template) for route in routes)
