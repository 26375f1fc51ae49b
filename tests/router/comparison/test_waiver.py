"""What accepts a mismatch, until when, and what is refused in place of a waiver."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from router.comparison.errors import WaiversUnreadable
from router.comparison.mismatch import Mismatch
from router.comparison.waiver import Waiver, expired, read_waivers, unused, unwaived, waived_until

END = date(2030, 1, 1)
BEFORE = date(2029, 12, 31)
STATUS = Mismatch("GET /a", "status", 500, 404)
NAME = Mismatch("GET /a", "$.rows[3].name", "x\ny", None)
ANY = Waiver("GET /a", "anna", "known", END)


@pytest.mark.parametrize(
    ("waiver", "accepted"),
    [
        (ANY, [STATUS, NAME]),
        (replace(ANY, requests="GET /.*"), [STATUS, NAME]),
        (replace(ANY, requests="GET"), []),
        (replace(ANY, fields="stat"), []),
        (replace(ANY, fields="status", control="500", candidate="4.."), [STATUS]),
        (replace(ANY, control="5"), []),
        (replace(ANY, candidate="None"), [NAME]),
        (replace(ANY, fields=r"\$\.rows\[\*]\.name"), [NAME]),
        (replace(ANY, fields=r"\$\.rows\[3]\.name", control="x.y"), [NAME]),
        (replace(ANY, fields=r"\$\.rows\[4]\.name"), []),
    ],
)
def test_every_pattern_must_match_the_whole_text(waiver: Waiver, accepted: list[Mismatch]) -> None:
    assert [one for one in (STATUS, NAME) if waiver.accepts(one)] == accepted


def test_a_waiver_concerns_requests_and_holds_until_its_day() -> None:
    assert ANY.concerns("GET /a")
    assert not ANY.concerns("GET /ab")
    assert (ANY.holds(BEFORE), ANY.holds(END)) == (True, False)
    assert expired([ANY], BEFORE) == []
    assert expired([ANY], END) == [ANY]


def test_what_is_waived_counts_again_when_the_last_waiver_ends() -> None:
    longer = replace(ANY, fields="status", expires=date(2031, 1, 1))
    assert waived_until(STATUS, [ANY, longer], BEFORE) == longer.expires
    assert waived_until(NAME, [ANY, longer], BEFORE) == END
    assert waived_until(NAME, [ANY, longer], END) is None
    assert unwaived([STATUS, NAME], [ANY, longer], END) == [NAME]
    assert unwaived([STATUS, NAME], [ANY], BEFORE) == []


def test_a_waiver_that_accepts_nothing_is_found() -> None:
    idle = replace(ANY, requests="GET /b")
    assert unused([STATUS, NAME], [ANY, idle]) == [idle]


def read(folder: Path, text: str) -> list[Waiver]:
    file = folder / "waivers.yaml"
    file.write_text(text, "utf-8")
    return read_waivers(file)


def test_waivers_are_read_with_their_patterns(tmp_path: Path) -> None:
    needed = "{requests: 'a.*', owner: Zoë, reason: known, expires: 2030-01-01"
    assert read(tmp_path, f"- {needed}}}\n- {needed}, fields: f, control: c, candidate: d}}\n") == [
        Waiver("a.*", "Zoë", "known", END),
        Waiver("a.*", "Zoë", "known", END, "f", "c", "d"),
    ]
    assert read(tmp_path, "") == []


@pytest.mark.parametrize(
    "text",
    [
        "- {requests: x, owner: me, reason: why}",
        "- {requests: x, owner: me, reason: why, expires: soon}",
        "- {requests: x, owner: me, reason: why, expires: 2030-01-01 12:00:00}",
        "- {requests: x, owner: 5, reason: why, expires: 2030-01-01}",
        "- {requests: '(', owner: me, reason: why, expires: 2030-01-01}",
        "- {requests: x, owner: me, reason: why, expires: 2030-01-01, candidate: '['}",
        "- {requests: x, owner: me, reason: why, expires: 2030-01-01, because: x}",
        "- [",
    ],
)
def test_what_is_no_waiver_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(WaiversUnreadable, match=r"waivers\.yaml"):
        read(tmp_path, text)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WaiversUnreadable, match=r"none\.yaml"):
        read_waivers(tmp_path / "none.yaml")
