"""When wanted videos are downloaded by themselves: 0.9's settings, and one job however many beats look."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fastapi_app.downloads import schedule
from fastapi_app.models import Job, Setting
from tests.downloads.conftest import House

SATURDAY = datetime(2026, 11, 21, 1, 0)  # noqa: DTZ001  the server's own time
ON = {schedule.ENABLED: "true", schedule.TIME: "02:00", schedule.DAYS: "daily"}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("daily", set(range(7))),
        ("weekly", {6}),
        ("Monday", {0}),
        ("friday, sunday", {4, 6}),
        ("monday,nonsense", {0}),
        ("nonsense", set(range(7))),
        ("", set(range(7))),
        (None, set(range(7))),
    ],
)
def test_the_days_of_0_9(text: str | None, days: set[int]) -> None:
    assert schedule.weekdays(text) == days


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02:00", "02:00"),
        ("7:05", "07:05"),
        ("23:59:30", "23:59"),
        ("24:00", "02:00"),
        ("12:60", "02:00"),
        ("", "02:00"),
    ],
)
def test_the_time_of_0_9(text: str, expected: str) -> None:
    assert f"{schedule.hour_of(text):%H:%M}" == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ON, datetime(2026, 11, 21, 2, 0)),  # noqa: DTZ001
        ({**ON, schedule.TIME: "00:30"}, datetime(2026, 11, 22, 0, 30)),  # noqa: DTZ001
        ({**ON, schedule.DAYS: "weekly"}, datetime(2026, 11, 22, 2, 0)),  # noqa: DTZ001
        ({**ON, schedule.DAYS: "saturday", schedule.TIME: "00:30"}, datetime(2026, 11, 28, 0, 30)),  # noqa: DTZ001
        ({**ON, schedule.ENABLED: "false"}, None),
        ({**ON, schedule.SWITCH: "stopped"}, None),
        ({**ON, schedule.SWITCH: "started"}, datetime(2026, 11, 21, 2, 0)),  # noqa: DTZ001
        ({}, None),
    ],
)
def test_when_it_runs_next(settings: dict[str, str], expected: datetime | None) -> None:
    assert schedule.next_run(settings, SATURDAY) == expected


@pytest.mark.parametrize(("text", "most"), [("7", 7), ("0", 1), ("99999", 500), ("-3", 50), ("many", 50), (None, 50)])
def test_how_many_videos_one_run_takes(text: str | None, most: int) -> None:
    assert schedule.most_videos({schedule.MOST: text}) == most


@pytest.fixture
def scheduled(house: House) -> House:
    house.set(**ON)
    return house


def look(house: House, local: datetime) -> bool:
    return schedule.look(house.engine, local, local.replace(tzinfo=UTC))


def jobs(house: House) -> int:
    with Session(house.engine) as session:
        query = select(func.count()).select_from(Job).where(Job.kind == "auto-download")
        return session.scalar(query) or 0


def test_it_runs_once_when_its_time_has_come(scheduled: House) -> None:
    moments = [SATURDAY + timedelta(minutes=minute) for minute in range(0, 180, 4)]
    assert [look(scheduled, moment) for moment in moments].index(True) == 15
    assert jobs(scheduled) == 1


def test_it_runs_again_the_next_day_though_the_last_run_is_not_done(scheduled: House) -> None:
    for hours in range(50):
        look(scheduled, SATURDAY + timedelta(hours=hours))
    assert jobs(scheduled) == 1, "one that is under way is enough"
    with Session(scheduled.engine) as session:
        last = session.scalars(select(Setting.value).where(Setting.key == schedule.LAST)).one()
    assert last == "2026-11-23T02:00:00"


def test_what_was_switched_on_after_its_time_waits_for_the_next(house: House) -> None:
    look(house, SATURDAY)
    house.set(**ON)
    assert not look(house, SATURDAY + timedelta(minutes=70))
    assert not look(house, SATURDAY + timedelta(minutes=71))
    assert look(house, SATURDAY + timedelta(days=1, minutes=61))


def test_a_time_that_passed_while_nobody_looked_is_made_up_for_shortly_only(scheduled: House) -> None:
    look(scheduled, SATURDAY)
    assert not look(scheduled, SATURDAY + timedelta(minutes=91))
    assert look(scheduled, SATURDAY + timedelta(days=1, minutes=89))


def test_a_switch_that_says_stopped_stops_it(scheduled: House) -> None:
    look(scheduled, SATURDAY)
    scheduled.set(**{schedule.SWITCH: "stopped"})
    assert not look(scheduled, SATURDAY + timedelta(minutes=60))


def test_of_two_beats_one_hands_it_in(scheduled: House) -> None:
    look(scheduled, SATURDAY)
    with ThreadPoolExecutor(4) as beats:
        found = list(beats.map(lambda _: look(scheduled, SATURDAY + timedelta(minutes=60)), range(8)))
    assert (found.count(True), jobs(scheduled)) == (1, 1)


def test_of_two_beats_that_are_new_none_breaks(scheduled: House) -> None:
    with ThreadPoolExecutor(4) as beats:
        list(beats.map(lambda _: look(scheduled, SATURDAY), range(8)))
    with Session(scheduled.engine) as session:
        assert session.scalars(select(Setting.value).where(Setting.key == schedule.LAST)).all() == [
            "2026-11-21T01:00:00"
        ]


def test_parts_are_swept_once_a_day_schedule_or_not(house: House) -> None:
    present = datetime.now(UTC).replace(tzinfo=None)
    for _ in range(3):
        look(house, present)
        house.change_job(1, state="completed", active_key=None)
    assert house.count("sweep-downloads") == 1
    house.change_job(1, created_at=present - timedelta(days=1))
    look(house, present)
    assert house.count("sweep-downloads") == 2


def test_beat_calls_it_with_the_present_and_it_writes_nothing_among_the_settings_of_people(house: House) -> None:
    with Session(house.engine) as session:
        before = session.scalars(select(Setting.key)).all()
        assert not schedule.check(house.config, house.engine)
        assert session.scalars(select(Setting.key)).all() == before
    assert house.count("sweep-downloads") == 1
