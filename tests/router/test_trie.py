"""A path finds what a template takes, with a final slash more or less where that is allowed, and nothing else."""

from collections.abc import Sequence

import pytest

from router import Owner, Relation, Route
from router.row import Row
from router.template import parse
from router.trie import Found, Place, Trie, Turn, normal


def place(text: str, exact: bool = True) -> Place:
    key = f"GET {text}"
    return Place(Row(key, "GET", text, Owner.BOTH, Relation.EQUAL), Route(key).declared(), exact)


def trie(*texts: str, lacking: Sequence[str] = (), extra: Sequence[str] = ()) -> Trie:
    """Each template; those that may be found without their final slash, and those that may with one more."""
    built = Trie()
    for text in texts:
        built.add(
            parse(text),
            place(text),
            Turn.SLASH if text in lacking else None,
            place(text, exact=False) if text in extra else None,
        )
    return built


def name(found: Found | None) -> str | None:
    if isinstance(found, Place):
        return found.row.template + ("" if found.exact else " with one more")
    return None if found is None else found.name


@pytest.mark.parametrize(
    ("path", "finds"),
    [
        ("/a", "/a"),
        ("//a", "/a"),
        ("a", "/a"),
        ("/a/", None),
        ("/a/1", "/a/{id:int}"),
        ("/a/x", "/a/{name}"),
        ("/a/x/y", None),
        ("/a/x/edit", "/a/{name}/edit"),
        ("/a/1/edit", "/a/{name}/edit"),
        ("/a/new", "/a/new"),
        ("/a/new/edit", "/a/{name}/edit"),
        ("/f/x/y/z", "/f/{rest:path}"),
        ("/f/x/y/raw", "/f/{rest:path}/raw"),
        ("/f/", "/f/{rest:path}"),
        ("/", None),
        ("", None),
    ],
)
def test_literals_come_first_then_what_is_narrower(path: str, finds: str | None) -> None:
    texts = "/a", "/a/{id:int}", "/a/{name}", "/a/new", "/a/{name}/edit", "/f/{rest:path}", "/f/{rest:path}/raw"
    assert name(trie(*texts).find(path)) == finds


@pytest.mark.parametrize(
    ("path", "finds"),
    [
        ("/a/", "/a/"),
        ("/a", "SLASH"),
        ("/a//", None),
        ("/b/7/", "/b/{id:int}/"),
        ("/b/7", "SLASH"),
        ("/b/x", None),
        ("/b/x/", None),
        ("/c/x/y/", "/c/{rest:path}/"),
        ("/c/x/y", "SLASH"),
        ("/d/", "/d/"),
        ("/d", None),
    ],
)
def test_a_final_slash_that_is_missing_is_told_where_that_is_allowed(path: str, finds: str | None) -> None:
    texts = "/a/", "/b/{id:int}/", "/c/{rest:path}/", "/d/"
    assert name(trie(*texts, lacking=texts[:3]).find(path)) == finds


@pytest.mark.parametrize(
    ("path", "finds"),
    [
        ("/a", "/a"),
        ("/a/", "/a with one more"),
        ("/a//", None),
        ("/a/x", "/a/{name}"),
        ("/b/7", "/b/{id:int}"),
        ("/b/7/", "/b/{id:int} with one more"),
        ("/b/7//", None),
        ("/b/x/", None),
        ("/c/", None),
        ("/c", "/c"),
    ],
)
def test_a_final_slash_too_many_is_taken_where_that_is_allowed(path: str, finds: str | None) -> None:
    texts = "/a", "/b/{id:int}", "/a/{name}", "/c"
    assert name(trie(*texts, extra=texts[:2]).find(path)) == finds


def test_of_two_that_take_the_same_the_first_wins() -> None:
    built = Trie()
    for number, turn in enumerate((Turn.SLASH, Turn.OPTIONS)):
        built.add(parse("/a"), place(f"/a{number}"))
        built.add(parse("/b/{id}"), place(f"/b{number}"), None, place(f"/b{number}", exact=False))
        built.add(parse("/c/{id}/"), place(f"/c{number}"), turn)
        built.add(parse("/d/"), place(f"/d{number}"), turn)
    paths = "/a", "/b/1", "/b/1/", "/c/1/", "/c/1", "/d/", "/d"
    assert [name(built.find(path)) for path in paths] == [
        "/a0",
        "/b0",
        "/b0 with one more",
        "/c0",
        "SLASH",
        "/d0",
        "SLASH",
    ]


def test_what_a_template_itself_takes_goes_before_one_slash_too_many() -> None:
    built = Trie()
    built.add(parse("/a"), place("/a"), None, place("/a", exact=False))
    built.add(parse("/a/"), place("/a/"))
    assert name(built.find("/a/")) == "/a/"


@pytest.mark.parametrize(
    ("path", "same"),
    [
        ("/a", "/a"),
        ("//a", "/a"),
        ("///a//b", "/a//b"),
        ("//X/", "/X/"),
        ("a", "/a"),
        ("/", "/"),
        ("//", "/"),
        ("", ""),
    ],
)
def test_a_path_has_one_leading_slash(path: str, same: str) -> None:
    assert normal(path) == same


@pytest.mark.parametrize(
    ("path", "finds"),
    [
        ("/d/lit/more", "/d/lit/more"),
        ("/d/lit/end", "/d/{name}/end"),
        ("/d/lit", "SLASH"),
        ("/d/lit/", "/d/{name}/"),
        ("/d/lit/none", None),
        ("/d/deep/a", "/d/deep/{rest:path}"),
        ("/d/deep/a/b/c", "/d/deep/{rest:path}"),
        ("/d/one", "/d/one"),
        ("/d/one/", "/d/one with one more"),
        ("/d/one//", None),
        ("/d/x/end/", None),
        ("/d", None),
        ("/", None),
    ],
)
def test_beside_a_literal_what_takes_any_text_is_tried_too(path: str, finds: str | None) -> None:
    texts = "/d/lit/more", "/d/{name}/end", "/d/{name}/", "/d/deep/{rest:path}", "/d/one"
    assert name(trie(*texts, lacking=texts[2:3], extra=texts[4:]).find(path)) == finds


def test_a_missing_slash_is_told_beside_a_literal_that_leads_elsewhere() -> None:
    assert trie("/d/lit/more", "/d/{name}/", lacking=["/d/{name}/"]).find("/d/lit") is Turn.SLASH


@pytest.mark.parametrize("path", ["/{id}", "/a/{id}", "/{id}/{other}"])
def test_the_text_of_a_template_is_no_path_of_it(path: str) -> None:
    assert trie("/{id:int}", "/a/{id:int}", "/{id:int}/{other:int}").find(path) is None


@pytest.mark.parametrize("path", ["", "/", "/e", "/e/7", "/e/x/sub"])
def test_only_the_last_slash_may_be_missing(path: str) -> None:
    texts = "/e/sub/", "/e/{id:int}/sub/"
    assert trie(*texts, lacking=texts).find(path) is None


def test_among_many_a_missing_slash_is_still_told() -> None:
    texts = [f"/{{rest:path}}/e{number}/" for number in range(20)]
    found = trie(*texts, lacking=texts)
    assert [name(found.find(path)) for path in ("/a/b/e7/", "/a/b/e7", "/a/b/e", "/a/b/e77")] == [
        "/{rest:path}/e7/",
        "SLASH",
        None,
        None,
    ]
