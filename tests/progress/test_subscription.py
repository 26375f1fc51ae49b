"""Nobody hears of another user's job, and who left is forgotten."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_app.jobs.visibility import View
from fastapi_app.progress.subscription import Subscriptions, TooManySubscriptions


@dataclass(frozen=True)
class Person:
    name: str
    view: View


ANNA = Person("anna", View(1))
BERT = Person("bert", View(2))
GUEST = Person("guest", View(None))
BOSS = Person("boss", View(3, everything=True))
EVERYBODY = [ANNA, BERT, GUEST, BOSS]


def test_all_means_all_that_one_may_see() -> None:
    subscriptions: Subscriptions[Person] = Subscriptions()
    for person in EVERYBODY:
        subscriptions.follow_all(person)
    assert subscriptions.concerned(7, 1) == {ANNA, BOSS}
    assert subscriptions.concerned(7, 3) == {BOSS}
    assert subscriptions.concerned(7, None) == set(EVERYBODY)


def test_naming_the_job_of_somebody_else_shows_nothing() -> None:
    subscriptions: Subscriptions[Person] = Subscriptions()
    for person in EVERYBODY:
        subscriptions.follow(person, 7)
    assert subscriptions.concerned(7, 1) == {ANNA, BOSS}
    assert subscriptions.concerned(8, 1) == set()


def test_who_left_hears_nothing_and_leaves_no_trace() -> None:
    subscriptions: Subscriptions[Person] = Subscriptions()
    for person in EVERYBODY:
        subscriptions.follow_all(person)
        for job_id in (7, 8):
            subscriptions.follow(person, job_id)
    subscriptions.unfollow(ANNA, 7)
    subscriptions.unfollow(ANNA, 99)
    assert ANNA in subscriptions.concerned(7, 1), "still by all"
    for person in EVERYBODY:
        subscriptions.leave(person)
    assert subscriptions.is_empty
    left = [subscriptions._by_job, subscriptions._by_user, subscriptions._everything]
    assert not any(left)


def test_one_member_can_not_name_jobs_without_end() -> None:
    subscriptions: Subscriptions[Person] = Subscriptions(most_jobs=2)
    for job_id in (1, 2, 2, 1):
        subscriptions.follow(ANNA, job_id)
    with pytest.raises(TooManySubscriptions):
        subscriptions.follow(ANNA, 3)
    subscriptions.unfollow(ANNA, 1)
    subscriptions.follow(ANNA, 3)


ACTS = st.lists(
    st.tuples(st.sampled_from(["follow", "unfollow", "all", "leave"]), st.sampled_from(EVERYBODY), st.integers(1, 3))
)


@given(ACTS, st.integers(1, 3), st.sampled_from([None, 1, 2, 3]))
def test_the_index_says_what_asking_everybody_would(
    acts: list[tuple[str, Person, int]], job_id: int, owner: int | None
) -> None:
    subscriptions: Subscriptions[Person] = Subscriptions()
    named: set[tuple[Person, int]] = set()
    following: set[Person] = set()
    for act, person, job in acts:
        if act == "follow":
            subscriptions.follow(person, job)
            named.add((person, job))
        elif act == "unfollow":
            subscriptions.unfollow(person, job)
            named.discard((person, job))
        elif act == "all":
            subscriptions.follow_all(person)
            following.add(person)
        else:
            subscriptions.leave(person)
            following.discard(person)
            named = {pair for pair in named if pair[0] is not person}
    expected = {
        person
        for person in EVERYBODY
        if person.view.shows(owner) and (person in following or (person, job_id) in named)
    }
    assert subscriptions.concerned(job_id, owner) == expected
