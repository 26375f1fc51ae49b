"""Steps at one place are tried in their order, and of many only those that begin and end as the path does."""

import re

import pytest

from router.choices import FEW, Choices
from router.template import Converter, Parameter, Step, parse, read

FILM = Converter("any", "(?:film|clip)", words=frozenset({"film", "clip"}))


def step(text: str) -> Step:
    (found,) = parse("/" + text).steps
    return found


def film() -> Step:
    (found,) = read("/<kind>", re.compile("<(.*)>"), lambda match: Parameter(match[1], FILM)).steps
    return found


def choices(*steps: Step) -> Choices[str]:
    built: Choices[str] = Choices()
    for one in steps:
        built.add(one, lambda one=one: one.text)  # type: ignore[misc]  # mypy infers no lambda with a default
    return built


def many(*steps: Step) -> Choices[str]:
    """These among more than are just tried."""
    return choices(*(step(f"never{number}{{x}}") for number in range(FEW + 1)), *steps)


def candidates(found: Choices[str], part: str, rest: str = "") -> list[str]:
    return [value for _, value in found.candidates(part, rest or part)]


def test_a_step_that_is_there_leads_where_it_led() -> None:
    built: Choices[list[str]] = Choices()
    first = built.add(step("{x}"), list)
    assert built.add(step("{y}.json"), list) is not first
    assert built.add(step("{x}"), list) is first
    assert len(built) == 2


def test_tails_among_them_are_told() -> None:
    built = choices(step("{x}"))
    assert not built.spans
    built.add(step("{x:path}"), str)
    built.add(step("{x:int}"), str)
    assert built.spans


def test_the_only_one_leads_on_where_it_accepts_the_segment() -> None:
    number = step("{x:int}")
    assert choices(number).only("5") == number.text
    assert choices(number).only("x") is None


def test_few_are_just_tried_in_their_order() -> None:
    steps = [step(text) for text in ("{x:path}", "{x}", "{x:int}", "{x}.json", "a{x}-{y}", "b{x}", "bc{x}", "bcd{x}")]
    assert len(steps) == FEW
    assert candidates(choices(*steps), "none") == [one.text for one in sorted(steps, key=lambda one: one.order)]


@pytest.mark.parametrize(
    ("text", "part", "rest"),
    [
        ("{x}", "b", ""),
        ("{x:int}", "5", ""),
        ("{x}.json", "a.json", ""),
        ("v{x}", "v1", ""),
        ("v{x}-{y}.z", "v1-2.z", ""),
        ("{x:path}", "a", "a/b"),
        ("v{x:path}/end", "v", "v/end"),
        ("{x:path}.z", "a", "a/b.z"),
    ],
)
def test_of_many_what_begins_and_ends_alike_is_tried(text: str, part: str, rest: str) -> None:
    one = step(text)
    assert one.accepts(rest or part)
    assert candidates(many(one), part, rest) == [one.text]


@pytest.mark.parametrize(
    ("text", "part", "rest"),
    [
        ("{x}.json", "a.xml", ""),
        ("v{x}", "w1", ""),
        ("ab{x}bc", "abc", ""),
        ("{x:path}.z", "b.z", "b.z/c"),
        ("{x}.z", "b", "b/c.z"),
        ("v{x:path}/end", "v", "v/more"),
    ],
)
def test_of_many_what_begins_or_ends_otherwise_is_not(text: str, part: str, rest: str) -> None:
    assert candidates(many(step(text)), part, rest) == []


def test_of_many_a_short_list_of_words_is_looked_up() -> None:
    built = many(step("{x}"), film())
    assert candidates(built, "film") == [film().text, step("{x}").text]
    assert candidates(built, "clip") == [film().text, step("{x}").text]
    assert candidates(built, "song") == [step("{x}").text]
