"""Templates: one value, whatever the framework's syntax."""

import pytest

from router.template import Kind, parse


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
