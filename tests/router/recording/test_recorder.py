"""Real traffic becomes a corpus: small, wide, and without one secret of those who asked."""

import asyncio
import fcntl
import json
import os
import stat
import threading
import time
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from router.errors import UnknownRoute
from router.parity.recording import read_corpus
from router.recording.recorder import Recorder
from router.recording.rules import RecordingRules
from router.recording.skip import Skip
from router.types import Scope
from tests.router.recording.toys import WRITES, asked, create_router, recording
from tests.router.serving import wait

MANY = RecordingRules(rate=10_000, alike=1000, writes=WRITES)
# fmt: off
SECRETS = {
    "cookie": "s3ss10n-of-anna", "signed": "eyJfdXNlciI6NX0.Z2ReRw.c2lnbmF0dXJl", "plain": "sundayevening",
    "bearer": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "password": "correct horse battery staple",
    "short": "hunter2", "key": "mv_live_0pQ8sXyZ1234", "google": "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "hex": "9f86d081884c7d659a2feaa0c55ad015", "uuid": "5c4e9b1a-0f0e-4d0c-8a39-2f8f6c1d2e3f",
    "mail": "anna.lindqvist@example.org", "card": "4111 1111 1111 1111", "phone": "+49 170 5556677",
    "code": "splxlob", "reset": "resetmenow", "user": "annalindqvist", "agent": "Annas Browser/7",
}
# fmt: on


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def forms(text: str) -> set[bytes]:
    """However a file might hold it."""
    found = {text, quote(text), quote(text, safe=""), quote(quote(text, safe=""), safe=""), text.replace(" ", "+")}
    return {one.encode() for one in found} | {b64encode(text.encode()).rstrip(b"=")}


class Unhurried(HTTPConnection):
    """Asks when the recorder has told what became of the request before: on a slow machine it leaves some out."""

    def __init__(self, connection: HTTPConnection, recorder: Recorder) -> None:
        super().__init__(connection.host, connection.port, timeout=10)
        self._recorder, self._chosen = recorder, 0

    def request(self, *arguments: Any, **options: Any) -> None:
        wait(lambda: self._recorder.counts.total() == self._chosen)
        super().request(*arguments, **options)

    def getresponse(self) -> HTTPResponse:
        response = super().getresponse()
        self._chosen += response.status == 200
        return response


def test_no_known_secret_reaches_the_disk_from_any_place(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    known = SECRETS
    basic = b64encode(f"{known['user']}:{known['short']}".encode()).decode()
    credentials = [
        (
            {"Cookie": f'session={known["cookie"]}; sid="{known["signed"]}"; theme={known["plain"]}'},
            ["cookie", "signed", "plain"],
        ),
        ({"Authorization": f"Bearer {known['bearer']}"}, ["bearer"]),
        ({"Authorization": f"Basic {basic}"}, ["user", "short"]),
        ({"X-API-Key": known["key"], "User-Agent": known["agent"], "Referer": f"/?code={known['code']}"}, ["key"]),
        ({"X-Request-ID": known["hex"], "X-Forwarded-For": known["mail"], "X-Anything": known["short"]}, []),
        ({"Accept": known["bearer"], "Range": known["hex"], "If-Modified-Since": known["mail"]}, []),
        ({"Accept-Language": known["plain"], "Cookie": f"a={known['plain']}"}, []),
    ]
    looks = ["bearer", "google", "hex", "uuid", "mail", "card", "phone", "key", "signed"]
    named = [
        ("password", "password"),
        ("api_key", "short"),
        ("code", "code"),
        ("user[login]", "user"),
        ("key", "plain"),
    ]
    with recording(file, MANY) as (direct, recorder), closing(Unhurried(direct, recorder)) as connection:
        for headers, own in credentials:
            asked(connection, "GET", "/things/one?page=2", headers=headers)
            for text in (known[name] for name in own):
                asked(connection, "GET", f"/things/{quote(text)}", headers=headers)
                asked(connection, "GET", f"/things/one?q={quote(text)}", headers=headers)
                asked(connection, "GET", f"/things/one?{quote(text)}=1", headers=headers)
        for text in (known[name] for name in looks):
            nested = json.dumps({"deep": [{"note": f"it is {text}!"}]})
            for value in (text, quote(text, safe=""), f"/next?x={text}", nested):
                asked(connection, "GET", f"/things/one?{urlencode({'q': value})}")
                asked(connection, "GET", f"/things/{quote(value, safe='')}")
                post(connection, {"a": {"list": [value]}, value: 1})
        for name, secret in named:
            text = known[secret]
            asked(connection, "GET", f"/things/one?{urlencode({name: text, 'q': text})}")
            asked(connection, "GET", f"/things/one?{urlencode({name: text})}&page=2")
            asked(connection, "GET", f"/things/one?{urlencode({'q': json.dumps({name: text})})}")
            asked(connection, "GET", f"/things/one?{urlencode({'next': '/a?' + urlencode({name: text})})}")
            post(connection, {name: text, "inner": {name: [text, {"x": text}]}, "text": json.dumps({name: text})})
            post(connection, {name: text, "elsewhere": text})
            asked(connection, "POST", "/orders", urlencode({name: text, "n": 1}).encode(), kind=FORM)
        asked(connection, "GET", f"/reset/{known['reset']}")
        asked(connection, "POST", "/orders", f"<password>{known['short']}</password>".encode(), kind="text/xml")
        asked(connection, "POST", "/orders", f'{{"password": "{known["short"]}'.encode(), kind=JSON)
    content = file.read_bytes()
    assert [name for name, secret in known.items() if any(form in content for form in forms(secret))] == []
    assert recorder.counts["recorded"] == len(lines(file)) > 60
    assert recorder.counts[Skip.SECRET] > 0
    assert recorder.counts[Skip.BROKEN] == 0
    read_corpus([file])


FORM = "application/x-www-form-urlencoded"
JSON = "application/json; charset=utf-8"


def post(connection: Any, content: Any) -> None:
    assert asked(connection, "POST", "/orders", json.dumps(content).encode(), kind=JSON) == 200


def test_what_was_asked_can_be_asked_again_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    moments = iter(range(100))
    with recording(file, MANY, who=lambda _scope: "admin", name=lambda: str(next(moments))) as (connection, _):
        asked(
            connection,
            "GET",
            "/things/a%20b?z=%C3%A4&a=1&a=2&flag",
            headers={"Range": "bytes=0-5", "Cookie": "theme=dark"},
        )
        asked(connection, "PUT", "/orders/5", b'{"n": [1, 2.5, null, "\xc3\xa4"]}', kind=JSON)
        asked(connection, "POST", "/orders", b"a=1&b=x+y", kind=FORM)
        asked(connection, "POST", "/orders", b"a=1&a=2", kind=FORM)
        asked(connection, "POST", "/orders", b"")
    read, put, *posts = read_corpus([file])
    assert (read.id, read.method, read.path) == ("recorded-0", "GET", "/things/a%20b?z=%C3%A4&a=1&a=2&flag")
    assert (read.headers, read.auth, read.sequence) == ({"range": "bytes=0-5"}, "admin", "")
    assert (put.headers, put.body) == ({"content-type": "application/json"}, {"json": {"n": [1, 2.5, None, "ä"]}})
    assert [one.content()[0] for one in posts] == [b"a=1&b=x+y", b"a=1&a=2", b""]
    assert [one.sequence for one in (put, *posts)] == sorted(one.sequence for one in (put, *posts))
    assert all(one.sequence and one.step == 1 for one in (put, *posts))


def test_nothing_is_recorded_that_nobody_chose(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    rules = RecordingRules(rate=10_000, routes=frozenset({"GET /orders/{number}", "POST /orders"}))
    with recording(file, rules) as (connection, recorder):
        asked(connection, "GET", "/things/one")
        asked(connection, "POST", "/orders", b"{}", kind=JSON)
        asked(connection, "GET", "/nowhere")
        asked(connection, "GET", "/orders/5")
    assert [line["path"] for line in lines(file)] == ["/orders/5"]
    assert recorder.counts == {"recorded": 1}


def test_a_corpus_stays_small_and_wide(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    with recording(file, RecordingRules(rate=10_000, alike=2)) as (connection, recorder):
        for number in range(50):
            asked(connection, "GET", f"/orders/{number}")
            wait(lambda: sum(recorder.counts.values()) == number + 1)  # noqa: B023  # called at once
        asked(connection, "GET", "/orders/1?page=2")
        asked(connection, "GET", "/orders/none")
        asked(connection, "GET", "/orders/1", headers={"Cookie": "a=b"})
    assert [line["path"] for line in lines(file)] == ["/orders/0", "/orders/1", "/orders/1?page=2", "/orders/1"]
    assert recorder.counts[Skip.ALIKE] == 48


def test_a_second_start_goes_on_where_the_first_one_ended(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    for _ in range(2):
        with recording(file, RecordingRules(rate=10_000, alike=2)) as (connection, _recorder):
            for number in range(3):
                asked(connection, "GET", f"/orders/{number}")
    assert len(lines(file)) == 2


def test_a_path_whose_secret_is_all_of_it_is_not_recorded_as_another_route(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    with recording(file, MANY) as (connection, recorder):
        asked(connection, "GET", "/orders/4111111111111111")
    assert file.read_bytes() == b""
    assert recorder.counts == {Skip.PATH: 1}


def test_the_share_and_the_rate_hold(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    chances = iter([0.05, 0.5] * 50)
    rules = RecordingRules(share=0.1, rate=3, alike=1000)
    with recording(file, rules, chance=lambda: next(chances), clock=lambda: 0.0) as (connection, recorder):
        for number in range(20):
            asked(connection, "GET", f"/orders/{number}")
    assert [line["path"] for line in lines(file)] == ["/orders/0", "/orders/2", "/orders/4"]
    assert recorder.counts == {"recorded": 3, Skip.RATE: 7}


def test_a_full_file_stops_the_recorder_which_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "corpus.jsonl"
    with recording(file, RecordingRules(rate=10_000, alike=1000, size=2000)) as (connection, recorder):
        number = 0
        while not recorder.off:
            number += 1
            assert asked(connection, "GET", f"/orders/{number}") == 200
            assert number < 500
        assert asked(connection, "GET", "/orders/1") == 200
        assert "2000 bytes" in recorder.off
    assert 1000 < file.stat().st_size <= 2000
    assert len(read_corpus([file])) == recorder.counts["recorded"]
    assert recorder.counts[Skip.FULL] >= 1
    assert [record.message for record in caplog.records if "recorded" in record.message] != []


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    file.touch(0o666)
    file.chmod(0o666)
    with recording(file, MANY) as (connection, _):
        asked(connection, "GET", "/orders/1")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(lines(file)) == 1


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "absent"])
def test_a_file_that_is_none_is_refused_and_no_visitor_notices(tmp_path: Path, kind: str) -> None:
    file, other = tmp_path / "corpus.jsonl", tmp_path / "other"
    if kind == "link":
        other.touch()
        file.symlink_to(other)
    elif kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file = tmp_path / "absent" / "corpus.jsonl"
    with recording(file, MANY) as (connection, recorder):
        wait(lambda: recorder.off != "")
        assert asked(connection, "GET", "/orders/1") == 200
    assert "corpus.jsonl" in recorder.off
    assert kind != "link" or other.read_bytes() == b""


def test_a_line_that_a_crash_cut_off_is_removed_and_the_rest_is_read(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    with recording(file, MANY) as (connection, _):
        asked(connection, "GET", "/orders/1")
    with file.open("ab") as torn:
        torn.write(b'{"id": "torn", "meth')
    assert len(read_corpus([file])) == 1
    with recording(file, MANY) as (connection, _):
        asked(connection, "GET", "/orders/2")
    assert [line["path"] for line in lines(file)] == ["/orders/1", "/orders/2"]


def test_several_workers_share_one_file(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    rules = RecordingRules(rate=10_000, alike=5, size=100_000)

    def work(kind: int) -> None:
        with recording(file, rules) as (connection, _):
            for number in range(30):
                asked(connection, "GET", f"/things/{'x' * (number % 7 + 1)}?{'abc'[kind % 3] * (number % 5 + 1)}=1")

    workers = [threading.Thread(target=work, args=(kind,)) for kind in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    found = [line["form"] for line in lines(file)]
    assert len(found) > 20
    assert max(found.count(form) for form in found) <= 5


def test_a_who_that_raises_or_names_a_person_is_not_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "corpus.jsonl"

    def who(scope: Scope) -> str | None:
        if scope["path"] == "/orders/1":
            raise RuntimeError("anna@example.org")
        return None if scope["path"] == "/orders/2" else "Anna Lindqvist"

    with recording(file, MANY, who=who) as (connection, recorder):
        for number in (1, 2, 3):
            assert asked(connection, "GET", f"/orders/{number}") == 200
    assert [line["auth"] for line in lines(file)] == ["none", "user"]
    assert recorder.counts[Skip.BROKEN] == 1
    assert "anna" not in caplog.text.lower()


def test_who_is_asked_once_for_a_visitor_and_may_take_its_time_but_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.recording.roles.WITHIN", 0.05)
    file, questions = tmp_path / "corpus.jsonl", []

    async def who(scope: Scope) -> str | None:
        questions.append(scope["path"])
        await asyncio.sleep(0.001 if scope["path"] == "/orders/1" else 60)
        return "manager"

    with recording(file, MANY, who=who) as (connection, recorder):
        for number in (1, 2):
            asked(connection, "GET", f"/orders/{number}", headers={"Cookie": "session=abcdefgh"})
        asked(connection, "GET", "/orders/3", headers={"Cookie": "session=ijklmnop"})
        wait(lambda: recorder.counts[Skip.BROKEN] == 1)
    assert [(line["path"], line["auth"]) for line in lines(file)] == [
        ("/orders/1", "manager"),
        ("/orders/2", "manager"),
    ]
    assert questions == ["/orders/1", "/orders/3"]


def test_a_disk_that_does_not_answer_is_not_felt_and_the_queue_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    with recording(file, replace(MANY, queue=3)) as (connection, recorder), file.open("rb") as other:
        asked(connection, "GET", "/orders/1")
        wait(lambda: recorder.counts["recorded"] == 1)
        fcntl.flock(other, fcntl.LOCK_EX)
        started = time.monotonic()
        for number in range(20):
            assert asked(connection, "GET", f"/orders/{number}") == 200
        wait(lambda: recorder.counts[Skip.QUEUE] >= 16)
        assert time.monotonic() - started < 5
        fcntl.flock(other, fcntl.LOCK_UN)
        wait(lambda: recorder.counts["recorded"] == 1 + 20 - recorder.counts[Skip.QUEUE])
    assert len(lines(file)) == recorder.counts["recorded"]


def test_a_disk_that_is_full_leaves_whole_lines_and_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "corpus.jsonl"
    write, room = os.write, [100]

    def narrow(descriptor: int, content: bytes) -> int:
        if b'"/orders/2"' not in content and room[0] == 100:
            return write(descriptor, content)
        if not room[0]:
            raise OSError(28, "No space left on device")
        room[0], part = 0, content[: room[0]]
        return write(descriptor, part)

    monkeypatch.setattr("router.recording.corpus_file.os.write", narrow)
    with recording(file, MANY) as (connection, recorder):
        for number in (1, 2):
            asked(connection, "GET", f"/orders/{number}")
            wait(lambda: sum(recorder.counts.values()) == number)  # noqa: B023  # called at once
        assert asked(connection, "GET", "/orders/3") == 200
        assert "No space left" in recorder.off
    assert [line["path"] for line in lines(file)] == ["/orders/1"]
    assert recorder.counts == {"recorded": 1, Skip.UNWRITTEN: 1}


def test_a_body_that_is_hard_to_look_through_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    """Other visitors are answered meanwhile: held up, they would be after the second one."""
    answered = 0
    rules = replace(MANY, body=200_000)
    with recording(tmp_path / "corpus.jsonl", rules) as (connection, recorder):
        hard = json.dumps(["%2525" * 800] * 40).encode()
        assert asked(connection, "POST", "/orders", hard, kind=JSON) == 200
        while not recorder.counts:
            answered += asked(connection, "GET", "/nowhere") == 404
    assert recorder.counts == {"recorded": 1}
    assert answered > 5


def test_what_became_of_requests_is_counted_for_prometheus(tmp_path: Path) -> None:
    with recording(tmp_path / "corpus.jsonl", RecordingRules(rate=10_000, alike=1)) as (connection, recorder):
        asked(connection, "GET", "/orders/1")
        wait(lambda: recorder.counts["recorded"] == 1)
        asked(connection, "GET", "/orders/2")
    registry = CollectorRegistry()
    registry.register(recorder)
    shown = generate_latest(registry).decode()
    assert 'strangler_recorded_total{result="recorded"} 1.0' in shown
    assert 'strangler_recorded_total{result="enough of its form"} 1.0' in shown


def test_a_route_that_is_none_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    router = create_router()
    recorder = Recorder(tmp_path / "corpus.jsonl", RecordingRules(writes=frozenset({"POST /nothing"})))
    with pytest.raises(UnknownRoute):
        recorder.around(router.table, router)
