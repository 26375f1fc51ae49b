"""The downloads pages as HTML: what they show to whom, and what their forms do without scripts."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import UserRole, now
from fastapi_app.pages.downloads import figures
from tests.pages.accounts import add_accounts, sign_in
from tests.pages.shelf import Item, make_shelf
from tests.pages.work import Work, job, work_in


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A library behind a closed gate, with an account of each role."""
    made = make_shelf(tmp_path_factory.mktemp("work") / "data", [Item("Björk", "Jóga")], gate="true")
    add_accounts(made, *UserRole)
    return made


@pytest.fixture
def work(config: Config) -> Iterator[Work]:
    with work_in(config) as found:
        found.clear()
        yield found


@pytest.fixture
def client(site: TestClient) -> TestClient:
    return sign_in(site, "admin")


def rows(page: str, group: str) -> list[str]:
    """The titles in a group, from top to bottom; the row that scripts copy is left out."""
    section = page.partition(f'id="{group}"')[2].partition("</section>")[0].partition("<template>")[0]
    return re.findall(r'<strong class="title"[^>]*>([^<]*)</strong>', section)


def act(client: TestClient, **values: str) -> int:
    """Sends a form as a browser without scripts does."""
    path = "/downloads/queue" if "job_id" not in values and values["action"] in QUEUE_ACTIONS else "/downloads"
    return client.post(path, data=values).status_code


QUEUE_ACTIONS = {"pause", "resume", "cancel_waiting", "clear_failed", "clear_done"}


def test_every_job_is_in_its_group_in_the_order_in_which_it_comes(client: TestClient, work: Work) -> None:
    work.add(
        job(1, State.RUNNING, percent=42.9, speed=3_260_000, eta=81, bytes_done=21_300_000, bytes_total=50_100_000),
        job(2, priority=7),
        job(3),
        job(4, State.RETRYING, priority=1, error_message="The server answered 503"),
        job(5, State.PAUSED),
        job(6, State.FAILED, error_message="This video is private", error_log="one\ntwo"),
        job(7, State.COMPLETED),
        job(8, State.CANCELLED),
        job(9, State.COMPLETED, finished_at=now() - timedelta(hours=25)),
        job(10, queue="metadata", kind="info", active_key="info video 10"),
    )
    page = client.get("/downloads").text
    assert rows(page, "running") == ["Song 1"]
    assert rows(page, "waiting") == ["Song 4", "Song 3", "Song 5", "Song 2"]
    assert rows(page, "failed") == ["Song 6"]
    assert rows(page, "done") == ["Song 7", "Song 8"]
    for text in ("42 %", "3.2 MB/s", "1:21", "21.3 MB of 50.1 MB", "The server answered 503", "This video is private"):
        assert f">{text}<" in page
    assert ">one\ntwo</pre>" in page


def test_what_is_not_shown_is_counted(client: TestClient, work: Work) -> None:
    work.add(*(job(number) for number in range(1, 61)))
    page = client.get("/downloads").text
    assert len(rows(page, "waiting")) == 50
    assert "<small data-count>60</small>" in page
    assert "<span data-more-count>10</span> more" in page


def test_an_empty_queue_says_what_to_do_next(client: TestClient, work: Work) -> None:
    page = client.get("/downloads").text
    assert 'id="nothing">' in page
    assert 'href="/videos?status=WANTED"' in page
    work.add(job(1))
    assert 'id="nothing" hidden>' in client.get("/downloads").text


def test_a_queue_that_paused_itself_says_why(client: TestClient, work: Work) -> None:
    work.pause("The disk is <full>")
    page = client.get("/downloads").text
    assert "The disk is &lt;full&gt;" in page
    assert 'id="paused" role="status">' in page


def test_titles_are_text(client: TestClient, work: Work) -> None:
    work.add(job(1, payload={"title": "<img src=x onerror=alert(1)>", "artist": '"><script>'}))
    page = client.get("/downloads").text
    assert "<img src=x" not in page
    assert '"><script>' not in page


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ({}, "video 1"),
        ([], "video 1"),
        ({"title": 5}, "video 1"),
    ],
)
def test_a_job_without_a_title_has_a_name(client: TestClient, work: Work, payload: object, title: str) -> None:
    work.add(job(1, payload=payload))
    assert rows(client.get("/downloads").text, "waiting") == [title]


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [
        (State.QUEUED, "cancel", State.CANCELLED),
        (State.QUEUED, "pause", State.PAUSED),
        (State.PAUSED, "resume", State.QUEUED),
        (State.FAILED, "retry", State.QUEUED),
        (State.CANCELLED, "retry", State.QUEUED),
    ],
)
def test_a_button_does_what_it_says(client: TestClient, work: Work, before: State, action: str, after: State) -> None:
    (job_id,) = work.add(job(1, before))
    assert act(client, action=action, job_id=str(job_id)) == 302
    found = work.get(job_id)
    assert found is not None
    assert found.state == after


def test_a_running_job_is_asked_to_end(client: TestClient, work: Work) -> None:
    (job_id,) = work.add(job(1, State.RUNNING))
    answer = client.post("/downloads", json={"action": "cancel", "job_id": str(job_id)})
    assert answer.json()["message"] == "Song 1: ends in a moment."
    assert answer.json()["job"]["cancel_requested"] is True
    assert "data-ending" in client.get("/downloads").text


def test_priorities_and_the_top(client: TestClient, work: Work) -> None:
    first, second, third = work.add(job(1, priority=3), job(2), job(3))
    act(client, action="up", job_id=str(third))
    assert rows(client.get("/downloads").text, "waiting") == ["Song 1", "Song 3", "Song 2"]
    act(client, action="down", job_id=str(third))
    act(client, action="top", job_id=str(second))
    assert rows(client.get("/downloads").text, "waiting") == ["Song 2", "Song 1", "Song 3"]
    act(client, action="top", job_id=str(first))
    assert rows(client.get("/downloads").text, "waiting")[0] == "Song 1"


def test_priority_ends_at_its_ends(client: TestClient, work: Work) -> None:
    highest, lowest = work.add(job(1, priority=1), job(2, priority=10))
    assert act(client, action="up", job_id=str(highest)) == 302
    assert act(client, action="down", job_id=str(lowest)) == 302


def test_all_that_failed_is_tried_again_but_what_is_under_way_already(client: TestClient, work: Work) -> None:
    work.add(job(1, State.FAILED), job(2, State.FAILED), job(2))
    assert act(client, action="retry_failed") == 302
    page = client.get("/downloads").text
    assert rows(page, "waiting") == ["Song 1", "Song 2"]
    assert rows(page, "failed") == ["Song 2"]


def test_clearing_forgets_one_group(client: TestClient, work: Work) -> None:
    work.add(job(1, State.FAILED), job(2, State.COMPLETED), job(3), job(4, State.RUNNING))
    assert act(client, action="clear_failed") == 302
    assert rows(client.get("/downloads").text, "done") == ["Song 2"]
    assert act(client, action="clear_done") == 302
    assert act(client, action="cancel_waiting") == 302
    page = client.get("/downloads").text
    assert [rows(page, group) for group in ("running", "waiting", "failed", "done")] == [
        ["Song 4"], [], [], ["Song 3"],
    ]  # fmt: skip


def test_pausing_the_queue_and_going_on(client: TestClient, work: Work) -> None:
    assert act(client, action="pause") == 302
    assert 'value="pause" data-when="going" hidden' in client.get("/downloads").text
    assert act(client, action="resume") == 302
    assert 'id="paused" role="status" hidden>' in client.get("/downloads").text
    assert work.get(1) is None


def test_an_address_becomes_a_job_once(client: TestClient, work: Work) -> None:
    form = {"action": "add", "url": "https://example.org/watch?v=1", "artist": "Nova", "title": "Glass"}
    assert client.post("/downloads", data=form).status_code == 302
    assert rows(client.get("/downloads").text, "waiting") == ["Glass"]
    again = client.post("/downloads", data=form)
    assert again.status_code == 409
    assert "This is being downloaded already" in again.text


@pytest.mark.parametrize(
    ("url", "title"),
    [("", "a"), ("ftp://example.org/x", "a"), ("javascript:alert(1)", "a"), ("https://a/" + "x" * 3000, "a"),
     ("https://example.org/x", ""), ("https://example.org/x", "a" * 3000)],
)  # fmt: skip
def test_what_is_no_address_or_has_no_name_is_refused(client: TestClient, work: Work, url: str, title: str) -> None:
    form = {"action": "add", "url": url, "artist": "Nova", "title": title}
    answer = client.post("/downloads", data=form)
    assert answer.status_code == 400
    assert 'class="form-error" role="alert"' in answer.text
    assert client.post("/downloads", json=form).status_code == 400
    assert rows(client.get("/downloads").text, "waiting") == []


@pytest.mark.parametrize("told", ["", "0", "x", "-1", "999999999", "9" * 50, "٣"])
def test_a_job_that_is_not_there(client: TestClient, work: Work, told: str) -> None:
    assert client.post("/downloads", data={"action": "cancel", "job_id": told}).status_code == 404
    assert client.post("/downloads", json={"action": "cancel", "job_id": told}).status_code == 404


@pytest.mark.parametrize("body", [[], "x", {"action": 5}, {"action": "launch"}, {}])
def test_nonsense_is_400(client: TestClient, body: object) -> None:
    assert client.post("/downloads", json=body).status_code == 400
    assert client.post("/downloads/queue", json=body).status_code == 400


def test_what_is_over_can_not_be_cancelled(client: TestClient, work: Work) -> None:
    (job_id,) = work.add(job(1, State.COMPLETED))
    answer = client.post("/downloads", data={"action": "cancel", "job_id": str(job_id)})
    assert answer.status_code == 409
    assert "This job has ended already" in answer.text


def test_history_is_paged_and_narrowed(client: TestClient, work: Work) -> None:
    work.add(*(job(number, State.COMPLETED) for number in range(1, 60)), job(60, State.FAILED), job(61))
    page = client.get("/downloads/history").text
    assert "60 downloads ended" in page
    titles = re.findall(r'<strong class="title"[^>]*>([^<]*)<', page)
    assert titles == [f"Song {number}" for number in range(1, 51)]
    assert 'href="?page=2"' in page
    failed = client.get("/downloads/history?state=failed").text
    assert re.findall(r'<strong class="title"[^>]*>([^<]*)<', failed) == ["Song 60"]
    assert client.get("/downloads/history?state=x&page=nonsense").status_code == 200
    assert client.get("/downloads/history?state=queued").text.count("Song") >= 50


def test_an_empty_history_leads_on(client: TestClient, work: Work) -> None:
    assert "No download has ended yet" in client.get("/downloads/history").text
    assert "No download ended like that" in client.get("/downloads/history?state=failed").text
    assert work.get(1) is None


@pytest.mark.parametrize(
    ("role", "acts", "governs"),
    [("readonly", False, False), ("user", True, False), ("manager", True, False), ("admin", True, True)],
)
def test_nobody_sees_a_button_that_would_be_refused(
    site: TestClient, work: Work, role: str, acts: bool, governs: bool
) -> None:
    (job_id, *_) = work.add(job(1), job(2, State.FAILED))
    client = sign_in(site, role)
    page = client.get("/downloads").text
    assert ('value="cancel"' in page, 'value="add"' in page, 'value="retry_failed"' in page) == (acts, acts, acts)
    assert ('value="pause" data-when' in page, "clear_failed" in page) == (governs, governs)
    assert ('value="retry"' in client.get("/downloads/history").text) == acts
    assert client.post("/downloads/queue", json={"action": "pause"}).status_code == (200 if governs else 403)
    assert act(client, action="cancel", job_id=str(job_id)) == (302 if acts else 403)


def test_a_user_sees_own_jobs_and_nobodys(site: TestClient, work: Work) -> None:
    owners = {role: number for number, role in enumerate(UserRole, 1)}
    _, others, _ = work.add(
        job(1, user_id=owners[UserRole.USER]), job(2, user_id=owners[UserRole.ADMIN]), job(3, user_id=None)
    )
    client = sign_in(site, "user")
    assert rows(client.get("/downloads").text, "waiting") == ["Song 1", "Song 3"]
    assert act(client, action="cancel", job_id=str(others)) == 404
    assert rows(sign_in(site, "manager").get("/downloads").text, "waiting") == ["Song 1", "Song 2", "Song 3"]


def test_strangers_are_sent_to_the_login(site: TestClient) -> None:
    site.cookies.clear()
    for path in ("/downloads", "/downloads/history"):
        answer = site.get(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/simple-login")
    assert site.post("/downloads", json={"action": "cancel", "job_id": "1"}).status_code == 401


def test_another_site_can_not_press_a_button(client: TestClient, work: Work) -> None:
    (job_id,) = work.add(job(1))
    form = {"action": "cancel", "job_id": str(job_id)}
    foreign = client.post("/downloads", data=form, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert rows(client.get("/downloads").text, "waiting") == ["Song 1"]


def test_behind_a_prefix_every_address_carries_it(tmp_path: Path) -> None:
    config = make_shelf(tmp_path / "data", [])
    with work_in(config) as work:
        waiting, *_ = work.add(job(1), job(2, State.RUNNING), job(3, State.FAILED), job(4, State.COMPLETED))
    with TestClient(create_app(config), follow_redirects=False, root_path="/mvidarr") as client:
        page = client.get("/downloads").text
        addresses = re.findall(r' (?:href|src|action|data-address)="([^"#]+)"', page)
        assert len(addresses) > 10
        assert [address for address in addresses if not address.startswith("/mvidarr/")] == []
        assert 'data-base="/mvidarr"' in page
        answer = client.post("/downloads", data={"action": "cancel", "job_id": str(waiting)})
        assert answer.headers["location"] == "/mvidarr/downloads?done=cancel"


def test_every_control_has_a_name(client: TestClient, work: Work) -> None:
    work.add(job(1), job(2, State.RUNNING), job(3, State.FAILED), job(4, State.CANCELLED))
    page = client.get("/downloads").text
    for button in re.findall(r"<button[^>]*>(.*?)</button>", page, re.DOTALL):
        assert re.sub(r"<[^>]+>", "", button).strip(), button
    for name in re.findall(r'<input id="(\w+)"', page):
        assert f'<label for="{name}">' in page
    assert re.findall(r"<progress[^>]*>", page)
    assert all("aria-label=" in bar for bar in re.findall(r"<progress[^>]*>", page))
    assert " style=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("size", "text"),
    [(None, ""), (-1, ""), (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_949, "99.9 kB"), (100_000, "100 kB"),
     (999_999, "999 kB"), (1_000_000, "1.0 MB"), (4_390_000_000, "4.3 GB"), (10**18, "1000 PB")],
)  # fmt: skip
def test_sizes_in_words(size: int | None, text: str) -> None:
    assert figures.amount(size) == text


def test_what_is_not_finished_is_never_shown_as_whole() -> None:
    assert figures.percent(99.99) == "99 %"
    assert figures.progress(999_999_999, 1_000_000_000) == "999 MB of 1.0 GB"
    assert figures.progress(None, 5_000) == "5.0 kB"
    assert figures.attempts(0, 3) == ""
    assert figures.attempts(4, 3) == "4 of 4"
