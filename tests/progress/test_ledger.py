"""Old news must not undo newer ones, whichever way they took, and must not fill the memory."""

from fastapi_app.jobs.states import ATTEMPT
from fastapi_app.progress.ledger import Ledger
from tests.progress.events import an_event


def test_an_event_heard_twice_or_late_is_no_news() -> None:
    ledger = Ledger()
    assert ledger.note(an_event(seq=5))
    assert not ledger.note(an_event(seq=5))
    assert not ledger.note(an_event(seq=4))
    assert ledger.note(an_event(seq=6))
    assert ledger.note(an_event(job_id=8, seq=1)), "each job counts for itself"


def test_an_ended_job_does_not_run_again_because_of_a_late_event() -> None:
    ledger = Ledger()
    ledger.note(an_event(seq=ATTEMPT + 9, state="completed"))
    assert not ledger.note(an_event(seq=ATTEMPT + 8))
    assert not ledger.note(an_event(seq=0, state="queued")), "told before the end, heard after it"
    known = ledger[7]
    assert known is not None
    assert known.state == "completed"


def test_a_new_job_that_got_the_number_of_a_deleted_one_is_heard() -> None:
    ledger = Ledger()
    ledger.note(an_event(seq=ATTEMPT + 9, state="completed"))
    anew = an_event(seq=0, state="queued", ts="2026-01-02T03:04:06.000Z")
    assert ledger.lacks(7, 0)
    assert ledger.note(anew)
    assert not ledger.note(anew)


def test_a_retry_by_a_person_goes_on_from_the_end() -> None:
    ledger = Ledger()
    ledger.note(an_event(seq=3 * ATTEMPT + 1, state="failed"))
    assert ledger.note(an_event(seq=3 * ATTEMPT + 2, state="queued"))


def test_a_row_is_read_only_where_it_knows_more() -> None:
    ledger = Ledger()
    ledger.note(an_event(seq=ATTEMPT + 5))
    assert ledger.lacks(7, ATTEMPT + 6)
    assert not ledger.lacks(7, ATTEMPT + 5)
    assert not ledger.lacks(7, ATTEMPT)
    assert ledger.lacks(8, 0)


def test_a_million_jobs_leave_a_bounded_memory() -> None:
    ledger = Ledger(most=100)
    for number in range(1, 1_001):
        ledger.note(an_event(job_id=number))
    assert len(ledger) == 100
    assert ledger[1_000] is not None
    assert ledger[900] is None
