"""Corpora, well written and not."""

import json
from pathlib import Path
from typing import Any

import pytest

from router.comparison.errors import WaiversUnreadable
from router.comparison.waiver import read_waivers
from router.parity.errors import CorpusUnreadable
from router.parity.recording import encode, in_order, read_corpus


def corpus(folder: Path, *lines: dict[str, Any]) -> Path:
    file = folder / "corpus.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return file


def test_sequences_keep_their_steps_in_order_and_come_by_name(tmp_path: Path) -> None:
    states = ["sequence:zz:1", "read", "sequence:a:10", "sequence:a:2"]
    lines = [{"id": str(n), "method": "GET", "path": "/", "state": state} for n, state in enumerate(states)]
    reads, sequences = in_order(read_corpus([corpus(tmp_path, *lines)]))
    assert [one.id for one in reads] == ["1"]
    assert [[one.id for one in steps] for steps in sequences] == [["3", "2"], ["0"]]


def test_variables_keep_their_type_where_they_stand_alone(tmp_path: Path) -> None:
    body = {"json": {"ids": ["${id}"], "text": "video ${id}", "other": "${unknown}"}}
    line = {"id": "1", "method": "PUT", "path": "/videos/${id}", "body": body, "headers": {"If-Match": "${tag}"}}
    asked = read_corpus([corpus(tmp_path, line)])[0].filled({"id": 7, "tag": '"x"'})
    assert (asked.path, asked.headers) == ("/videos/7", {"If-Match": '"x"'})
    assert json.loads(asked.content()[0]) == {"ids": [7], "text": "video 7", "other": "${unknown}"}


def test_each_kind_of_body() -> None:
    assert encode(None) == (b"", None)
    assert encode({"raw": "{"}) == (b"{", None)
    assert encode({"form": {"a": "b c"}}) == (b"a=b+c", "application/x-www-form-urlencoded")
    parts = [{"name": "file", "filename": "ü.jpg", "content_type": "image/jpeg", "base64": "/9g="}, {"name": "n"}]
    body, kind = encode({"multipart": parts})
    boundary = (kind or "").partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 3
    assert b'name="file"; filename="\xc3\xbc.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n' in body


@pytest.mark.parametrize(
    "text",
    ["no json", "[]", '{"id": "1", "method": "GET"}', '{"id": "1", "method": "GET", "path": "/", "body": {"xml": ""}}'],
)
def test_a_line_that_is_no_request_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "corpus.jsonl"
    file.write_text(f'\n{{"id": "0", "method": "GET", "path": "/"}}\n{text}\n', "utf-8")
    with pytest.raises(CorpusUnreadable, match=r"corpus\.jsonl:3"):
        read_corpus([file])


def test_a_corpus_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusUnreadable, match="absent"):
        read_corpus([tmp_path / "absent.jsonl"])


@pytest.mark.parametrize("text", ["- requests: x", "- {", "- requests: x\n  owner: a\n  reason: b\n  until: now"])
def test_waivers_without_owner_reason_and_date_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "waivers.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(WaiversUnreadable, match=r"waivers\.yaml"):
        read_waivers(file)
