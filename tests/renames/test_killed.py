"""A worker that is killed in the middle: rows and files agree at once, and the next attempt finishes the rest."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fastapi_app.renames import ending
from tests.renames.houses import House
from tests.renames.killing import every_film_is_played, reaped, work_and_die

_FEW = (3, 4, 10, 14)
"""Between the two names of a film, before and after its row knows, and while another one stepped aside."""
_ALL = range(1, 19)


@contextmanager
def _without_links(refused: bool) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with pytest.MonkeyPatch.context() as patch:
        if refused:
            patch.setattr(os, "link", refuse)
        yield


def _killed(house: House, point: int, *, links: bool) -> int:
    house.film(1, "Nova/Two.mp4", "One").with_suffix(".nfo").write_text("nfo 1")
    house.film(2, "Nova/One.mp4", "Two").with_suffix(".nfo").write_text("nfo 2")
    house.film(3, "old/c.mp4", "Three")
    rename_id = house.submit()
    with _without_links(not links):
        work_and_die(house, point)
        every_film_is_played(house, links=links)
    return rename_id


def _is_whole(house: House) -> bool:
    beside = {name: text for name, text in house.files().items() if name.endswith(".nfo")}
    return house.is_sound() and beside == {"Nova/One.nfo": "nfo 1", "Nova/Two.nfo": "nfo 2"}


@pytest.mark.parametrize("point", _FEW)
def test_the_next_attempt_finishes(house: House, point: int) -> None:
    rename_id = _killed(house, point, links=True)
    reaped(house, rename_id)
    house.work()
    assert _is_whole(house), house.files()
    assert {entry.state for entry in house.entries(rename_id).values()} == {"done"}


@pytest.mark.long
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("point", _ALL)
def test_wherever_it_is_killed_the_next_attempt_finishes(house: House, point: int, links: bool) -> None:
    rename_id = _killed(house, point, links=links)
    reaped(house, rename_id)
    with _without_links(not links):
        house.work()
    assert _is_whole(house), house.files()
    assert {entry.state for entry in house.entries(rename_id).values()} == {"done"}
    before = house.rename("{artist}/{title}", undoes=rename_id)
    assert {entry.state for entry in house.entries(before).values()} == {"done"}
    assert sorted(house.files()) == ["Nova/One.mp4", "Nova/One.nfo", "Nova/Two.mp4", "Nova/Two.nfo", "old/c.mp4"]


@pytest.mark.parametrize("point", [10])
def test_a_job_that_is_given_up_leaves_no_film_under_a_hidden_name(house: House, point: int) -> None:
    rename_id = _killed(house, point, links=True)
    ending.clean(house.config, house.job(rename_id).id)
    assert not [name for name in house.files() if ".rename-" in name]
    assert house.is_sound(), house.files()
