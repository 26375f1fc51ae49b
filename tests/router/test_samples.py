"""Sample paths prove that two templates meet, and what no sample shows is not made up."""

from dataclasses import replace

import pytest

from router.samples import accepted, samples, witness, words
from router.template import CONVERTERS, Converter, Parameter, Template, parse

ROMAN = Converter("roman", "[IVXLCDM]+")
"""None of the known words is such a number."""
KIND = Converter("any", "(?:film|clip)", words=frozenset({"film", "clip"}))
EVEN = Converter("int", r"\d+", check=lambda text: int(text) % 2 == 0)


def holding(text: str, converter: Converter) -> Template:
    """The template with this converter for every ``{x}``."""
    pieces = (replace(one, converter=converter) if isinstance(one, Parameter) else one for one in parse(text).pieces)
    return Template(tuple(pieces))


def test_a_converter_is_known_by_the_words_it_accepts() -> None:
    assert accepted(CONVERTERS["float"]) == {"1.5"}
    assert accepted(KIND) == {"film", "clip"}
    assert accepted(EVEN) == {"0", "42", "1000", "12345678", "2024"}
    assert accepted(ROMAN) == frozenset()
    assert {"", "a/b"} <= accepted(CONVERTERS["path"])


@pytest.mark.parametrize("text", ["/a", "/a/", "/a/{x}", "/a/{x}.json", "/a/{x:path}", "/a/{x:path}/b", "/{x}-{y:int}"])
def test_every_sample_is_taken_and_no_parameter_is_left_empty(text: str) -> None:
    template = parse(text)
    found = list(samples(template))
    assert found
    assert all(map(template.accepts, found))
    assert not template.parameters or template.text.replace("{x}", "") not in found


def test_a_literal_has_one_word_and_a_step_has_those_that_it_takes() -> None:
    first, second, third = parse("/a/{x:float}/v{y:int}").steps
    assert words(first) == ("a",)
    assert words(second) == ("1.5",)
    assert {"v0", "v42"} <= set(words(third))


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        ("/", "/", "/"),
        ("/a", "/a", "/a"),
        ("/a", "/b", None),
        ("/a", "/a/", None),
        ("/a/b", "/a", None),
        ("/{x}", "/{y:int}", "/0"),
        ("/{x:int}", "/{y}", "/0"),
        ("/{x:int}", "/{y:float}", None),
        ("/{x}/a", "/b/{y}", "/b/a"),
        ("/{x}/a/{z}", "/b/{y}/c", "/b/a/c"),
        ("/{x}.json", "/{y:int}.json", "/0.json"),
        ("/s/{x:path}", "/s/t/u/v", "/s/t/u/v"),
        ("/s/t/u/v", "/s/{x:path}", "/s/t/u/v"),
        ("/s/{x:path}", "/t/{y:path}", None),
        ("/s/{x:path}/b", "/s/a/{y}", "/s/a/b"),
        ("/s/{x:path}", "/s/a/{y:float}/b", "/s/a/1.5/b"),
        ("/s/{x:path}", "/s", None),
    ],
)
def test_a_witness_is_a_path_that_both_take(first: str, second: str, path: str | None) -> None:
    left, right = parse(first), parse(second)
    found = witness(left, right)
    assert found is None if path is None else found is not None
    assert found is None or (left.accepts(found) and right.accepts(found))
    assert path is None or "{" in first + second or found == path


def test_a_converters_own_check_is_asked_too() -> None:
    assert witness(holding("/{x}", EVEN), parse("/1")) is None
    assert witness(parse("/42"), holding("/{x}", EVEN)) == "/42"


@pytest.mark.parametrize("other", ["/{x}", "/{x}/{y}", "/{x}/{y:path}", "/{x:path}"])
def test_where_no_known_word_fits_no_path_is_made_up(other: str) -> None:
    roman = holding(other.replace(":path", ""), ROMAN)
    assert list(samples(roman)) == []
    assert witness(roman, parse(other)) is None
    assert witness(parse(other), roman) is None


def test_a_segment_that_no_known_word_fits_is_not_made_up_below_a_tail() -> None:
    below = Template(("/", Parameter("x", ROMAN), "/", Parameter("y", CONVERTERS["path"])))
    assert witness(parse("/{rest:path}"), below) is None
