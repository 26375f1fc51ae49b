"""A recording that is printed is the recording that was read, in a corpus and in a shell."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.comparison.rules import Rules, Tied
from router.parity.recording import Recording, read_corpus
from router.replay.line import as_curl, as_line, cookie_variable
from tests.router.replay.recordings import recording

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=5,
)
PATHS = st.lists(st.from_regex(r"[a-z0-9.-]{1,5}", fullmatch=True), max_size=3).map(lambda parts: "/" + "/".join(parts))
RULES = st.builds(
    Rules,
    masked=st.lists(TEXT, max_size=2).map(tuple),
    unordered=st.lists(TEXT, max_size=2).map(tuple),
    tied=st.none() | st.builds(Tied, TEXT, st.lists(TEXT, max_size=2).map(tuple), st.sampled_from(["", "s", "se"])),
)
RECORDINGS = st.builds(
    Recording,
    id=TEXT,
    method=st.sampled_from(["GET", "POST"]),
    path=PATHS,
    auth=st.sampled_from(["none", "admin"]),
    headers=st.dictionaries(TEXT, TEXT, max_size=2),
    body=st.none() | st.one_of(JSON.map(lambda value: {"json": value}), TEXT.map(lambda text: {"raw": text})),
    sequence=st.just(""),
    step=st.just(0),
    capture=st.dictionaries(TEXT, TEXT, max_size=2),
    rules=RULES,
)


@given(RECORDINGS, st.none() | st.integers(1, 9))
def test_a_line_is_read_as_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, one: Recording, step: Any
) -> None:
    if step is not None:
        one = recording(**{**vars(one), "sequence": "adding", "step": step})
    file = tmp_path_factory.getbasetemp() / "round.jsonl"
    file.write_text(as_line(one) + "\n", "utf-8")
    assert read_corpus([file]) == [one]


@pytest.mark.parametrize(
    ("one", "method", "target", "body"),
    [
        (recording(path="/a'b?x=$(id)&y=`id`"), "GET", "/a'b?x=$(id)&y=`id`", b""),
        (recording(path="/a", method="HEAD"), "HEAD", "/a", b""),
        (recording(path="/a", method="PUT", body={"json": {"t": "it's $HOME"}}), "PUT", "/a", b'{"t": "it\'s $HOME"}'),
        (recording(path="/a", method="POST", body={"raw": "\x00\x1b[2J\n"}), "POST", "/a", b"\x00\x1b[2J\n"),
    ],
)
def test_the_command_asks_what_the_line_says(
    tmp_path: Path, one: Recording, method: str, target: str, body: bytes
) -> None:
    """A curl that writes down what it was given stands in for the real one."""
    bash = shutil.which("bash")
    assert bash is not None
    curl = tmp_path / "curl"
    curl.write_text(
        "#!/bin/bash\nfor word; do\ncase $before in\n"
        '--data-binary) cat "${word#@}";;\n--data-raw) printf %s "$word";;\n'
        "esac\nbefore=$word\ndone > body\nprintf '%s\\n' \"$@\" > words\n",
        "utf-8",
    )
    curl.chmod(0o700)
    command = as_curl(one, "http://127.0.0.1:1/")
    subprocess.run([bash, "-c", command], check=True, cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    words = (tmp_path / "words").read_text().splitlines()
    assert words[-1] == f"http://127.0.0.1:1{target}"
    assert ("-I" in words) if method == "HEAD" else words[words.index("-X") + 1] == method
    assert (tmp_path / "body").read_bytes() == body


def test_no_terminal_is_told_what_to_do() -> None:
    assert "\x1b" not in as_curl(recording(path="/a\x1b[2J"), "http://h")
    assert "\x1b" not in as_line(recording(path="/a\x1b[2J"))


def test_a_role_is_a_variable_and_no_secret() -> None:
    assert cookie_variable("read-only") == "STRANGLER_COOKIE_READ_ONLY"
    assert '-b "$STRANGLER_COOKIE_ADMIN"' in as_curl(recording(path="/a", auth="admin"), "http://h")
