"""Templates: one value, whatever the framework's syntax."""

import re
from dataclasses import replace
from math import inf

import pytest

from router.template import CONVERTERS, STRING, Converter, Kind, Parameter, Template, parse, read

NUMBER = replace(CONVERTERS["int"], check=lambda text: int(text) < 100, checked_from=4000, numeric=True)
DECIMAL = replace(CONVERTERS["float"], numeric=True)
SHORT = replace(STRING, check=lambda text: len(text) < 3, checked_from=50)


def holding(*pieces: str | Converter) -> Template:
    return Template(tuple(one if isinstance(one, str) else Parameter("x", one) for one in pieces))


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        ("/", ["/"], ["/a", "//"]),
        ("/a/b", ["/a/b"], ["/a", "/a/b/", "/a/c"]),
        ("/a/", ["/a/"], ["/a", "/a/b"]),
        ("/v/{id:int}", ["/v/0", "/v/12345678901234567890", "/v/٣"], ["/v/", "/v/-1", "/v/1.0", "/v/a", "/v/1/"]),
        ("/v/{id:float}", ["/v/1.5"], ["/v/1", "/v/a"]),
        ("/v/{id:uuid}", ["/v/12345678-9abc-def0-1234-56789abcdef0"], ["/v/1234"]),
        ("/v/{id}", ["/v/a", "/v/a b", "/v/é\n"], ["/v/", "/v/a/b"]),
        ("/v/{id}.json", ["/v/a.json", "/v/a.b.json"], ["/v/a", "/v/.json", "/v/axjson"]),
        ("/s/{x:path}", ["/s/a", "/s/a/b/c", "/s/"], ["/s", "/t/a"]),
        ("/s/{x:path}/edit", ["/s/a/b/edit"], ["/s/a/b"]),
        ("/s/{x:path}/", ["/s/a/b/"], ["/s/a/b", "/s/a//"]),
        ("/s/{x}-{y:int}/", ["/s/a-5/"], ["/s/a-5", "/s/a-b/", "/s/a-5//"]),
        ("/a.b/c", ["/a.b/c"], ["/axb/c"]),
    ],
)
def test_a_template_takes_its_paths_and_no_others(text: str, accepted: list[str], refused: list[str]) -> None:
    template = parse(text)
    assert [path for path in accepted if not template.accepts(path)] == []
    assert [path for path in refused if template.accepts(path)] == []


def test_the_key_text_names_no_converters() -> None:
    template = parse("/v/{id:int}/f/{name:path}")
    assert (template.text, template.full_text) == ("/v/{id}/f/{name}", "/v/{id:int}/f/{name:path}")
    assert template.shape == "/v/{}/f/{*}"


def test_steps_know_how_specific_they_are() -> None:
    kinds = [step.kind for step in parse("/v/{a:int}/{b}.x/{c}/{d:path}").steps]
    assert kinds == [Kind.LITERAL, Kind.CONVERTER, Kind.MIXED, Kind.STRING, Kind.TAIL]


def test_an_unknown_converter_is_refused() -> None:
    with pytest.raises(KeyError):
        parse("/v/{id:roman}")


def test_a_template_may_be_cut_anywhere() -> None:
    assert holding("/a", "b/c").accepts("/ab/c")
    assert [step.text for step in holding("/a", "b/", "c").steps] == ["ab", "c"]


def test_the_names_and_converters_of_any_syntax_are_read() -> None:
    syntax = re.compile("<(.)>")
    template = read("/<a>/b<c><d>/", syntax, lambda match: Parameter(match[1], STRING))
    assert template.pieces == ("/", *parameters("a"), "/b", *parameters("cd"), "/")
    assert template.text == "/{a}/b{c}{d}/"
    assert parse("/{a}/{b:int}").parameters == (Parameter("a", STRING), Parameter("b", CONVERTERS["int"]))


def parameters(names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, STRING) for name in names)


def test_a_text_with_a_check_is_a_converter_of_its_own() -> None:
    kinds = STRING.kind, SHORT.kind, NUMBER.kind, replace(SHORT, spans=True).kind
    assert kinds == (Kind.STRING, Kind.CONVERTER, Kind.CONVERTER, Kind.TAIL)
    assert [one.weight for one in (STRING, SHORT, replace(SHORT, spans=True))] == [100, 50, 200]
    assert replace(SHORT, precedence=7).weight == 7


@pytest.mark.parametrize(("text", "ends"), [("/", True), ("/a/", True), ("/a", False), ("/a/{x}", False)])
def test_a_final_slash_is_a_literal_one(text: str, ends: bool) -> None:
    assert parse(text).ends_in_slash is ends


def test_every_check_is_asked_about_its_own_part() -> None:
    template = holding("/", SHORT, "/a/", STRING, "-", NUMBER, "/", SHORT)
    assert template.accepts("/ab/a/long-5/cd")
    assert not any(map(template.accepts, ("/abc/a/long-5/cd", "/ab/a/long-500/cd", "/ab/a/long-5/cde")))
    assert (template.checked_from, parse("/{x}").checked_from) == (50, inf)
    assert holding("/", replace(NUMBER, check=None)).checked_from == inf


def test_digits_of_any_script_are_written_as_others_read_them_where_numbers_are_read() -> None:
    template = holding("/", STRING, "/", NUMBER, "/", DECIMAL, ".j")
    assert template.is_numeric
    assert template.with_ascii_digits("/٣/٣٤/٥.٦.j") == "/٣/34/5.6.j"
    assert template.with_ascii_digits("/٣/x") == "/٣/x"
    assert not holding("/", STRING, "/", CONVERTERS["int"]).is_numeric


@pytest.mark.parametrize(
    ("segment", "kind", "prefix", "suffix"),
    [
        ("{a}", Kind.STRING, "", ""),
        ("{a:int}", Kind.CONVERTER, "", ""),
        ("{a}.json", Kind.MIXED, "", ".json"),
        ("v{a}", Kind.MIXED, "v", ""),
        ("v{a}-{b}.x", Kind.MIXED, "v", ".x"),
        ("{a}{b}", Kind.MIXED, "", ""),
        ("{a:path}", Kind.TAIL, "", ""),
        ("v{a:path}/end", Kind.TAIL, "v", "/end"),
        ("{a}-{b:path}", Kind.TAIL, "", ""),
        ("v", Kind.LITERAL, "v", "v"),
    ],
)
def test_a_step_tells_how_what_it_accepts_begins_and_ends(segment: str, kind: Kind, prefix: str, suffix: str) -> None:
    step = parse(f"/first/{segment}").steps[1]
    assert (step.kind, step.prefix, step.suffix) == (kind, prefix, suffix)
    assert Template(("/", *step.pieces)).full_text == f"/{segment}"


@pytest.mark.parametrize(
    ("segment", "accepted", "refused"),
    [
        ("{a}", "x", ""),
        ("{a:int}", "٣4", "4x"),
        ("{a:int}.j", "4.j", "4"),
        ("{a:int}{b}", "4x", "x4"),
        ("v{a}", "va", "v"),
        ("v.j", "v.j", "vxj"),
    ],
)
def test_a_step_accepts_what_its_pattern_does(segment: str, accepted: str, refused: str) -> None:
    step = parse(f"/{segment}").steps[0]
    assert step.accepts(accepted)
    assert not step.accepts(refused)
    assert re.fullmatch(step.pattern, accepted)
    assert not re.fullmatch(step.pattern, refused)


def test_a_short_list_of_words_is_known_where_it_is_all_that_a_step_takes() -> None:
    kind = Converter("any", "(?:film|clip)", words=frozenset({"film", "clip"}))
    steps = [step for text in ("{x}", "{x}s", "{x}{x}") for step in _with(kind, text).steps]
    assert [step.words for step in steps] == [kind.words, None, None]


def _with(converter: Converter, text: str) -> Template:
    return read("/" + text, re.compile("{x}"), lambda match: Parameter("x", converter))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{a}-{b}", "{a}x"),
        ("{a}.json", "{a}.js"),
        ("longer{a}s", "long{a}smore"),
        ("{a}{b}", "{a}"),
        ("{a:int}", "{a}"),
        ("{a}", "{a:path}"),
        ("{a:path}/b/c", "{a:path}/bcd"),
        ("{a:path}/b", "{a:path}/"),
        ("{a:int}-{b}", "{a}-{b:int}"),
    ],
)
def test_at_one_place_more_and_longer_literals_go_first_then_more_parameters_then_narrower_ones(
    first: str, second: str
) -> None:
    (one,), (other,) = parse(f"/{first}").steps, parse(f"/{second}").steps
    assert one.order < other.order
