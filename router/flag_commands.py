"""``strangler flags``: looks at flags, and sets them."""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from migration_flags import KEEP, Change, ChangeRefused, EpochMoved, Flag, FlagStore, Keep, Rule, Stage
from migration_flags.flag import RuleKind
from router import report
from router.app import Router
from router.completion import complete_route, complete_stage, complete_words
from router.configuration import build_router, build_store, open_store, read_settings
from router.decision import refuse_stage
from router.errors import PromotionRefused
from router.promotion.judgement import Judge, here, is_down, next_of
from router.promotion.step import Step
from router.promotion.unattended import turned
from router.row import Owner, Row

App = Annotated[str | None, typer.Option("--app", help="module:factory of the Router.")]
Store = Annotated[str | None, typer.Option("--store", help="URL of the flag store; the application is not built.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RouteKey = Annotated[
    str,
    typer.Argument(metavar="ROUTE", help="As in: 'GET /api/videos/{video_id}'.", autocompletion=complete_route),
]
Reason = Annotated[str, typer.Option("--reason", help="Why. Kept in the history.")]
Actor = Annotated[str | None, typer.Option("--actor", help="Who. Default: the login name.")]
Percent = Annotated[float | None, typer.Option("--percent", help="Share of visitors on modern, at canary: 0 to 100.")]
Said = Annotated[list[str] | None, typer.Option(metavar="NAME=SIDE", help="Repeat for several; '-' for none.")]

flags = typer.Typer(no_args_is_help=True, help="Look at flags, and set them.")


@flags.command("list")
def list_flags(app: App = None, store: Store = None, as_json: Json = False) -> None:
    """List every flag that was ever set."""
    with _store(store, app) as opened:
        report.flags(opened.snapshot(), as_json=as_json)


@flags.command()
def show(route: RouteKey, app: App = None, store: Store = None, as_json: Json = False) -> None:
    """Show one route's flag."""
    with _store(store, app) as opened:
        report.flag(route, opened.snapshot(), as_json=as_json)


@flags.command()
def history(
    route: Annotated[str | None, typer.Argument(metavar="ROUTE", autocompletion=complete_route)] = None,
    limit: Annotated[int, typer.Option(min=1, help="Newest rows to show.")] = 50,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Who moved what, when and why; newest first."""
    with _store(store, app) as opened:
        report.history(opened.history(route, limit=limit), as_json=as_json)


@flags.command("set")
def set_flag(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[ROUTE] STAGE", help="With --all, the stage alone.", autocompletion=complete_words),
    ],
    *,
    reason: Reason,
    actor: Actor = None,
    everything: Annotated[bool, typer.Option("--all", help="Every route that both sides have.")] = False,
    percent: Percent = None,
    mirror: Annotated[float | None, typer.Option(help="Percentage of requests that modern is asked too.")] = None,
    group: Annotated[str | None, typer.Option(help="The journey whose routes move a visitor together.")] = None,
    requires: Annotated[
        list[str] | None, typer.Option(help="A route that must have moved first. Repeat for several; '-' for none.")
    ] = None,
    user: Said = None,
    role: Said = None,
    unretire: Annotated[bool, typer.Option(help="Let a retired route become modern again.")] = False,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Set the stage of one route, or of all. Needs no evidence, and the history says so."""
    if len(words) != (1 if everything else 2):
        raise typer.BadParameter("give ROUTE and STAGE, or --all and STAGE.")
    stage = _stage(words[-1])
    rules = _rules(user, role)
    router = _router(app)
    if everything:
        chosen = [row for row in router.table if row.owner is Owner.BOTH]
    else:
        chosen = [_movable(router, words[0], stage)]
    skipped = [row for row in router.table if row.owner is not Owner.BOTH] if everything else []
    changes = [
        Change(
            row.key,
            stage,
            percent,
            mirror=KEEP if mirror is None else mirror,
            group=KEEP if group is None else group,
            requires=KEEP if requires is None else tuple(router.table[key].key for key in requires if key != "-"),
            rules=rules,
            unretire=unretire,
        )
        for row in chosen
    ]
    with opened_store(router.flags if store is None else open_store(store)) as opened:
        written = opened.apply(changes, actor=_who(actor), reason=reason)
    report.written(written, len(changes), skipped, as_json=as_json)


@flags.command()
def promote(
    route: RouteKey,
    to: Annotated[
        str | None, typer.Option(help="A stage. Default: the next step.", autocompletion=complete_stage)
    ] = None,
    percent: Percent = None,
    reason: Annotated[str, typer.Option("--reason", help="Why. Kept in the history.")] = "The evidence allows it.",
    check: Annotated[bool, typer.Option("--check", help="Say what the gate says, and change nothing.")] = False,
    actor: Actor = None,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Move a route one step up, if its evidence allows: shadow, canary at 1, 5, 10, 25 and 50 %, modern."""
    router = _router(app)
    row = router.table[route]
    with opened_store(router.flags if store is None else open_store(store)) as opened:
        snapshot = opened.snapshot()
        target = _target(snapshot.get(row.key), to, percent)
        judge = Judge(opened, _version(router), router.forbidden)
        (judged,) = judge.judge([row], snapshot, target)
        verdict = judged.verdict
        if check or not verdict.allowed:
            report.verdict(row.key, target, verdict, as_json=as_json)
            if check:
                raise typer.Exit(0 if verdict.allowed else 1)
            raise PromotionRefused(row.key, len(verdict.missing))
        written = opened.apply(
            [judged.change()],
            actor=_who(actor),
            reason=reason,
            gated=True,
            evidence={"used": list(verdict.used)},
            if_epoch=snapshot.epoch,
        )
    report.written(written, 1, [], as_json=as_json)


@flags.command()
def rollback(
    route: RouteKey,
    to: Annotated[
        str, typer.Option(help="A stage below the present one.", autocompletion=complete_stage)
    ] = Stage.LEGACY.value,
    percent: Percent = None,
    reason: Annotated[str, typer.Option("--reason", help="Why. Kept in the history.")] = "Rolled back.",
    actor: Actor = None,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Move a route down, at once and for everybody; by default to legacy."""
    target = Step(_stage(to), percent)
    with _store(store, app) as opened:
        flag = opened.snapshot().get(route)
        if not is_down(flag, target):
            raise typer.BadParameter(f"{target} is not below {here(flag)}.", param_hint="--to")
        change = Change(route, target.stage, target.percent)
        written = opened.apply([change], actor=_who(actor), reason=reason)
    report.written(written, 1, [], as_json=as_json)


@flags.command()
def kill(
    switch: Annotated[str, typer.Argument(metavar="on|off")],
    reason: Reason,
    actor: Actor = None,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Send every route that legacy has to legacy, whatever its flag says; or end that."""
    with _store(store, app) as opened:
        written = opened.kill(_switch(switch), actor=_who(actor), reason=reason)
    report.written(written, 1, [], as_json=as_json)


@flags.command()
def auto(
    route: RouteKey,
    switch: Annotated[str, typer.Argument(metavar="on|off")],
    actor: Actor = None,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Let a route be promoted by itself, step by step, as far as its evidence goes; or end that."""
    on = _switch(switch)
    with _store(store, app) as opened:
        epoch = opened.epoch()
        opened.keep(turned(route, on, actor=_who(actor), at=opened.now(), epoch=epoch))
    report.one({"route": route, "auto": "on" if on else "off"}, as_json=as_json)


@contextmanager
def opened_store(store: FlagStore) -> Iterator[FlagStore]:
    try:
        yield store
    except EpochMoved as error:
        raise ChangeRefused("Somebody changed the flags meanwhile. Look again, and repeat.") from error
    finally:
        store.close()


def _target(flag: Flag | None, to: str | None, percent: float | None) -> Step:
    if to is not None:
        return Step(_stage(to), percent)
    return next_of(flag) if percent is None else Step(Stage.CANARY, percent)


def _version(router: Router) -> str:
    return router.version_of(read_settings(Path.cwd()).get("code"))


def _rules(users: Sequence[str] | None, roles: Sequence[str] | None) -> tuple[Rule, ...] | Keep:
    if users is None and roles is None:
        return KEEP
    return (*_named("user", users or ()), *_named("role", roles or ()))


def _named(kind: RuleKind, said: Sequence[str]) -> Iterator[Rule]:
    for text in said:
        name, _, side = text.rpartition("=")
        if text == "-":
            continue
        if not name or side not in {"modern", "legacy"}:
            raise typer.BadParameter(f"{text!r} is not of the form NAME=modern or NAME=legacy.", param_hint=f"--{kind}")
        yield Rule(kind, name, side == "modern")


def _movable(router: Router, key: str, stage: Stage) -> Row:
    row = router.table[key]
    refuse_stage(row, stage)
    return row


def _stage(word: str) -> Stage:
    try:
        return Stage(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is not a stage: {', '.join(Stage)}.") from None


def _switch(word: str) -> bool:
    if word not in {"on", "off"}:
        raise typer.BadParameter("say on or off.")
    return word == "on"


def _who(actor: str | None) -> str:
    return actor or getpass.getuser()


def _router(app: str | None) -> Router:
    return build_router(app, read_settings(Path.cwd()))


@contextmanager
def _store(url: str | None, app: str | None) -> Iterator[FlagStore]:
    with opened_store(build_store(url, app, read_settings(Path.cwd()))) as store:
        yield store
