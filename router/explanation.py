"""Pure: a row, and a request, in sentences: how the two sides compare, and what a client would see of a move."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from migration_flags import ANYONE, Snapshot, Visitor
from router.decision import Decision, prospect
from router.declared import ANY_METHOD, Declared
from router.meeting import Meeting
from router.relation import beyond
from router.row import Owner, Relation, Row, Side
from router.table import RouteTable
from router.verdict import Kind

_UNMATCHED = (
    "What no other route takes: unknown paths, other methods, slashes, automatic OPTIONS. The side that this flag "
    "names is asked; both say what legacy's routes say."
)
_VERDICTS = {
    Kind.NOT_FOUND: "it is told 404",
    Kind.WRONG_METHOD: "it is told 405",
    Kind.OPTIONS: "it is an automatic OPTIONS",
    Kind.REDIRECT: "it is redirected (308)",
    Kind.UNKNOWN: "the side answers as it does alone",
}


@dataclass(frozen=True, slots=True)
class Explained:
    """Where one request goes. ``side`` answers, because of ``why``; ``sentences`` say what that means."""

    request: str
    route: str
    owner: str
    side: str
    stage: str
    why: str
    epoch: int
    legacy: tuple[str, ...]
    modern: tuple[str, ...]
    sentences: tuple[str, ...]


def explain_request(
    table: RouteTable, snapshot: Snapshot, method: str, path: str, visitor: Visitor = ANYONE
) -> Explained:
    """``path`` is decoded and has no query. ``visitor`` is who asks; by default somebody of whom nothing is known."""
    row = table.match(method, path)
    found = prospect(row, snapshot)
    decision = found.decide(visitor)
    side, why = decision.side, decision.reason
    sentences = tuple(explain_row(table, row))
    if found.asks:
        sentences = (f"Who asks decides: {_share(row, snapshot)}.", *_whose(visitor, decision), *sentences)
    if row.unmatched:
        verdict = table.verdict(method, path)
        allow = f", Allow: {', '.join(sorted(verdict.allow))}" if verdict.allow else ""
        target = f", to {verdict.path}" if verdict.path else ""
        sentences = (f"No route takes this request: {_VERDICTS[verdict.kind]}{target}{allow}.", *sentences)
        if verdict.side is not None:
            side, why = verdict.side, f"only {verdict.side} has this path"
    return Explained(
        f"{method} {path}",
        row.key,
        row.owner.value,
        side.value,
        decision.stage.value,
        why,
        decision.epoch,
        tuple(name(route) for route in row.legacy),
        tuple(name(route) for route in row.modern),
        sentences,
    )


def _whose(visitor: Visitor, decision: Decision) -> Iterator[str]:
    if visitor is not ANYONE and decision.bucket is not None:
        yield f"{visitor.unit} is in bucket {decision.bucket} of 100000, and stays there whatever the percentage."


def _share(row: Row, snapshot: Snapshot) -> str:
    flag = snapshot.get(row.key)
    share = f"{flag.percent:g} % of the visitors get modern" if flag and flag.percent is not None else "rules"
    return f"{share}, and rules name some" if flag and flag.rules and flag.percent is not None else share


def explanation(row: Row, decision: Decision, snapshot: Snapshot) -> bytes:
    """The value of X-Strangler-Explain: one request's side and why, in one line."""
    fields = {"route": row.key, "side": decision.side, "stage": decision.stage, "reason": decision.reason}
    told = [f"{name}={quote(value, safe=' /{}*:')}" for name, value in fields.items()]
    flag = snapshot.get(row.key)
    if flag is not None and flag.latch is not None:
        told.append(f"latch={quote(flag.latch.trip, safe=' ')}")
    if decision.bucket is not None:
        told.append(f"bucket={decision.bucket}")
    return "; ".join([*told, f"epoch={decision.epoch}"]).encode()


def explain_row(table: RouteTable, row: Row) -> list[str]:
    """One sentence on the row's own templates, one per template that never runs, one per other row that it meets."""
    if row.unmatched:
        return [_UNMATCHED]
    if row.owner is Owner.ROUTER:
        return ["The router answers this itself: it is the console's, and no flag moves it."]
    seen: dict[frozenset[str], str] = {}
    for meeting in table.meetings.get(row.key, ()):
        seen.setdefault(frozenset({meeting.legacy_row.key, meeting.modern_row.key}), explain_meeting(table, meeting))
    return [_own(row), *_hidden(table, row), *seen.values()]


def explain_meeting(table: RouteTable, meeting: Meeting) -> str:
    """Which of two rows gets the paths that both could take."""
    ours, theirs = meeting.legacy_row, meeting.modern_row
    legacy, modern = f"legacy's {name(meeting.legacy)}", f"modern's {name(meeting.modern)}"
    method = next((row.method for row in (ours, theirs) if row.method != ANY_METHOD), "GET")
    winner = table.match(method, meeting.path)
    if winner is theirs and theirs.owner is Owner.MODERN:
        return (
            f"Only modern has {name(meeting.modern)}, which is {meeting.relation} than {legacy} and answers "
            f"paths such as {meeting.path} under every flag; legacy alone would have answered them itself."
        )
    if winner is ours and ours.owner is Owner.LEGACY:
        return (
            f"Paths such as {meeting.path}, which {modern} takes too, stay with {legacy} when {theirs.key} moves; "
            f"once legacy is gone, modern answers them."
        )
    return (
        f"Paths such as {meeting.path} are taken by {legacy} and by {modern}, which is {meeting.relation}: "
        f"they belong to {winner.key} and follow its flag alone."
    )


def name(route: Declared) -> str:
    """A route as its application declares it."""
    return f"{route.method} {route.template.full_text}"


def _own(row: Row) -> str:
    if not row.modern:
        return f"Only legacy has {_names(row.legacy)}: it can't move, and nothing changes for its clients."
    if not row.legacy:
        return f"Only modern has {_names(row.modern)}: modern answers it under every flag."
    if row.relation is Relation.SHADOWED and (len(_main(row, row.legacy)) > 1 or len(_main(row, row.modern)) > 1):
        return (
            f"Several templates of one shape share one flag, legacy's {_names(row.legacy)} and modern's "
            f"{_names(row.modern)}: they move together, and modern's are tried in their order."
        )
    return _compared(row.legacy[0], row.modern[0])


def _main(row: Row, routes: tuple[Declared, ...]) -> list[Declared]:
    return [route for route in routes if route.method != "HEAD" or row.method == "HEAD"]


def _compared(legacy: Declared, modern: Declared) -> str:
    wider, narrower = beyond(modern.template, legacy.template), beyond(legacy.template, modern.template)
    both = f"legacy's {name(legacy)}", f"modern's {name(modern)}"
    lost = f"refuses paths that {both[0]} takes, such as {narrower}: when the route moves, they become modern's 404"
    if wider is None:
        if narrower is None:
            return f"{_capital(both[0])} and {both[1]} take the same paths: only who answers changes."
        return f"{_capital(both[1])} {lost}."
    text = (
        f"{_capital(both[1])} takes paths that {both[0]} refuses, such as {wider}: legacy's template decides for "
        f"both, so they are this route's on neither side"
    )
    return f"{text}." if narrower is None else f"{text}; and it {lost}."


def _hidden(table: RouteTable, row: Row) -> Iterator[str]:
    for side, routes in ((Side.LEGACY, row.legacy), (Side.MODERN, row.modern)):
        for route in routes:
            taker = table.shadows.get(route)
            if taker is not None:
                yield _why_hidden(side, route, taker)


def _why_hidden(side: Side, route: Declared, taker: Declared) -> str:
    if side is Side.LEGACY:
        return (
            f"Legacy never runs {name(route)}: {name(taker)} ranks before it and takes all of its paths. No request "
            f"reaches it on either side, so a move changes nothing."
        )
    alone = f"Modern declares {name(taker)} before {name(route)} and runs the first match, so alone it never runs"
    if route.handle is None:
        return f"{alone} the latter: when the route moves, the former answers."
    return (
        f"{alone} the latter. The router enters it directly, so a move changes nothing; without the router the former "
        f"would answer. Declare {name(route)} first."
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _names(routes: tuple[Declared, ...]) -> str:
    return ", ".join(name(route) for route in routes)
