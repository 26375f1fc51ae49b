"""Clients that keep an old answer because they were told that it is still good."""

from typing import Any

import pytest

from fastapi_app.caching.validators import has_it, tag_of, tag_of_body

TAG = tag_of("1.0", "videos", None, ())


@pytest.mark.parametrize(
    "header",
    [TAG, f"W/{TAG}", "*", f'"other", {TAG}', f'W/"other" , W/{TAG}', f'"with, comma",{TAG}', f'"",{TAG}'],
)
def test_who_has_it_is_recognised(header: str) -> None:
    assert has_it(header, TAG)


@pytest.mark.parametrize("header", ["", '"other"', TAG[:-2] + '"', TAG.upper(), '"', ","])
def test_who_has_something_else_is_not(header: str) -> None:
    assert not has_it(header, TAG)


def test_whatever_changes_the_answer_changes_the_tag() -> None:
    parts: list[tuple[Any, ...]] = [
        ("1.0", "videos", None, ((("videos", 1, 1)),)),
        ("1.1", "videos", None, (("videos", 1, 1),)),
    ]
    parts += [("1.0", "videos", 1, (("videos", 1, 1),)), ("1.0", "videos", "1", (("videos", 1, 1),))]
    parts += [("1.0", "videos", None, (("videos", 1, 2),)), ("1.0", "artists", None, (("videos", 1, 1),))]
    assert len({tag_of(*each) for each in parts}) == len(parts)
    assert tag_of_body(b"a") != tag_of_body(b"b")
