"""What a request is told that no row takes: the legacy router's answer, with the methods of both sides."""

from dataclasses import replace

import pytest

from router.declared import Declared
from router.derive import Route
from router.row import Side
from router.table import RouteTable
from router.template import Converter, Parameter, Template, parse
from router.verdict import NOT_FOUND, UNKNOWN, Kind, Verdict

READ = frozenset({"GET", "HEAD", "OPTIONS"})
MODERN = ("POST /v/{id:int}", "GET /new", "PUT /dir/{name}", "GET /late/", "GET /a/", "POST /v/{id:int}/more")


def flask(key: str, *, loose: bool = False, options: bool = True) -> Declared:
    """A route as a Flask application declares it."""
    method, path = key.split(" ")
    return Declared(
        method,
        parse(path),
        loose_slash=loose,
        redirects_to_slash=not loose,
        answers_head=method == "GET",
        automatic_options=options,
        merges_slashes=True,
    )


def table(*more: Declared, modern: tuple[str, ...] = MODERN) -> RouteTable:
    legacy = [flask("GET /a"), flask("GET /v/{id:int}"), flask("GET /dir/"), flask("GET /loose/", loose=True), *more]
    return RouteTable(legacy, [Route(key).declared() for key in modern])


def wrong_method(*allow: str) -> Verdict:
    return Verdict(Kind.WRONG_METHOD, READ | set(allow))


@pytest.mark.parametrize(
    ("request_line", "verdict"),
    [
        ("PUT /a", wrong_method()),
        ("PUT /v/5", wrong_method("POST")),
        ("BREW /v/5", wrong_method("POST")),
        ("PUT /v//5", wrong_method()),
        ("PUT //v/5", wrong_method("POST")),
        ("PUT /loose", NOT_FOUND),
        ("PUT /loose/", wrong_method()),
        ("PUT /dir/", wrong_method()),
        ("OPTIONS /a", Verdict(Kind.OPTIONS, READ)),
        ("OPTIONS /v/5", Verdict(Kind.OPTIONS, READ | {"POST"})),
        ("OPTIONS /loose", Verdict(Kind.OPTIONS, frozenset())),
        ("OPTIONS /dir", Verdict(Kind.REDIRECT, path="/dir/")),
        ("GET /dir", Verdict(Kind.REDIRECT, path="/dir/")),
        ("GET //dir", Verdict(Kind.REDIRECT, path="/dir/")),
        ("GET /v//5", Verdict(Kind.REDIRECT, path="/v/5")),
        ("GET /v////5", Verdict(Kind.REDIRECT, path="/v/5")),
        ("GET /dir//", Verdict(Kind.REDIRECT, path="/dir/")),
        ("PUT /dir", NOT_FOUND),
        ("GET /none", NOT_FOUND),
        ("GET /v/x", NOT_FOUND),
        ("GET /v//x", NOT_FOUND),
        ("PUT /new", Verdict(Kind.UNKNOWN, frozenset({"GET", "HEAD"}), side=Side.MODERN)),
        ("GET /new/", Verdict(Kind.UNKNOWN, side=Side.MODERN)),
        ("GET /late", Verdict(Kind.UNKNOWN, side=Side.MODERN)),
        ("GET /late//", Verdict(Kind.UNKNOWN, side=Side.MODERN)),
        ("GET /late///", NOT_FOUND),
        ("GET /v/5/", NOT_FOUND),
        ("GET /v/5/more/", Verdict(Kind.UNKNOWN, side=Side.MODERN)),
    ],
)
def test_the_verdict_is_what_legacy_says_and_names_the_methods_of_both(request_line: str, verdict: Verdict) -> None:
    assert table().verdict(*request_line.split(" ")) == verdict


def test_a_method_that_only_modern_has_takes_no_slash_from_legacys_path() -> None:
    routes = table(modern=("GET /a", "POST /a", "GET /b"))
    assert routes.verdict("GET", "/a/") == NOT_FOUND
    assert routes.verdict("GET", "/b/").side is Side.MODERN


def test_two_that_merge_into_a_path_without_its_slash_are_sent_the_whole_way() -> None:
    assert table(flask("GET /deep/dir/")).verdict("GET", "/deep//dir") == Verdict(Kind.REDIRECT, path="/deep/dir/")


def test_a_converter_that_refuses_what_its_pattern_takes_ends_the_search() -> None:
    adult = Converter("int", r"\d+", check=lambda text: int(text) >= 18)
    shown = replace(flask("GET /age"), template=Template(("/age/", Parameter("years", adult))))
    stored = replace(shown, method="PUT")
    assert table(shown, stored).verdict("GET", "/age/3") == NOT_FOUND
    assert table(shown, stored).verdict("POST", "/age/3") == wrong_method("PUT")


def test_where_only_paths_are_known_each_side_answers_as_it_does_alone() -> None:
    told = [Route(key).declared() for key in ("GET /a", "PUT /a", "GET /old")]
    routes = RouteTable(told, [Route(key).declared() for key in ("POST /a", "GET /new")])
    assert routes.verdict("BREW", "/a") == Verdict(Kind.UNKNOWN, frozenset({"GET", "HEAD", "PUT", "POST"}))
    assert routes.verdict("BREW", "/old") == Verdict(Kind.UNKNOWN, frozenset({"GET", "HEAD"}))
    assert routes.verdict("BREW", "/new") == Verdict(Kind.UNKNOWN, frozenset({"GET", "HEAD"}), side=Side.MODERN)
    assert routes.verdict("BREW", "/none") == UNKNOWN
