"""The decisions of downloads, without a disk and without a site."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fastapi_app.config import Config
from fastapi_app.downloads import cookies, metadata, names, pacing, proof
from fastapi_app.downloads.failures import ErrorClass, Facts, classified, failure, wait_of
from fastapi_app.downloads.payload import Download, subject
from fastapi_app.downloads.plan import Plan
from fastapi_app.downloads.preferences import Preferences, languages, preferences
from fastapi_app.downloads.progress import told
from fastapi_app.downloads.quality import QUALITIES, choice, poorer_than_wanted
from fastapi_app.downloads.transcript import Transcript, redacted
from fastapi_app.jobs.work import Failed, FailedForNow, QueueBlocked


@pytest.mark.parametrize(
    ("quality", "height"),
    [
        ("best", 1080),
        ("", 1080),
        ("nonsense", 1080),
        ("1080p", 1080),
        ("720", 720),
        (" 480P ", 480),
        ("4k", 2160),
        ("audio", None),
    ],
)
def test_how_much_of_a_picture_is_wanted(quality: str, height: int | None) -> None:
    assert choice(quality).height == height


def formats(*offered: tuple[str, int, str, str]) -> list[dict[str, Any]]:
    return [
        {
            "format_id": name,
            "url": f"https://v.example/{name}.{ext}",
            "ext": ext,
            "height": height or None,
            "vcodec": codec if height else "none",
            "acodec": "none" if height else codec,
            "protocol": "https",
        }
        for name, height, codec, ext in offered
    ]


OFFERED = formats(
    ("v2160", 2160, "vp9", "webm"),
    ("v1080vp9", 1080, "vp9", "webm"),
    ("v1080", 1080, "avc1.64", "mp4"),
    ("v720", 720, "avc1.64", "mp4"),
    ("v360", 360, "avc1.64", "mp4"),
    ("opus", 0, "opus", "webm"),
    ("aac", 0, "mp4a.40.2", "m4a"),
)


@pytest.mark.parametrize(
    ("quality", "expected"),
    [
        ("best", "v1080+aac"),
        ("2160p", "v2160+aac"),
        ("1080p", "v1080+aac"),
        ("720p", "v720+aac"),
        ("480p", "v360+aac"),
        ("240p", "v360+aac"),
        ("audio", "aac"),
    ],
)
def test_yt_dlp_takes_what_plays_everywhere(quality: str, expected: str) -> None:
    """Asked of yt-dlp itself: its words for formats change."""
    from yt_dlp import YoutubeDL  # type: ignore[import-untyped]

    wanted = choice(quality)
    params = {"quiet": True, "format": wanted.format, "format_sort": list(wanted.sort), "simulate": True}
    info = {"id": "1", "title": "T", "formats": [dict(one) for one in OFFERED], "extractor": "x", "extractor_key": "X"}
    with YoutubeDL({**params, "merge_output_format": wanted.container}, auto_init=False) as ydl:
        chosen = ydl.process_ie_result({**info, "webpage_url": "https://v.example/1"}, download=False)
    assert chosen["format_id"] == expected


def test_every_quality_of_the_settings_is_known() -> None:
    assert {choice(quality).container for quality in QUALITIES} == {"mp4/mkv", "m4a"}
    assert poorer_than_wanted(360, 1080)
    assert not poorer_than_wanted(360, 360)
    assert not poorer_than_wanted(480, 1080)
    assert not poorer_than_wanted(None, 1080)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(number=28), "disk-full"),
        (Facts(number=30), "mount-missing"),
        (Facts(number=13, transport=True), "network"),
        (Facts(text="ERROR: Sign in to confirm you’re not a bot"), "bot-check"),
        (Facts(text="Sign in to confirm you're not a bot", status=403), "bot-check"),
        (Facts(text="Sign in to confirm your age"), "forbidden"),
        (Facts(text="Private video. Sign in if you've been granted access"), "not-found"),
        (Facts(text="Video unavailable"), "not-found"),
        (Facts(text="This content isn't available, try again later"), "rate-limit"),
        (Facts(text="The uploader has not made this video available in your country"), "geo"),
        (Facts(restricted=True, text="anything"), "geo"),
        (Facts(status=429), "rate-limit"),
        (Facts(status=500), "network"),
        (Facts(status=416), "unsupported-url"),
        (Facts(text="Unsupported URL: https://x"), "unsupported-url"),
        (Facts(unsupported=True), "unsupported-url"),
        (Facts(text="Did not get any data blocks"), "network"),
        (Facts(transport=True), "network"),
        (Facts(text="KeyError in an extractor"), "extraction"),
    ],
)
def test_every_failure_has_a_class(facts: Facts, expected: str) -> None:
    assert classified(facts) == expected


@pytest.mark.parametrize("kind", ErrorClass)
def test_every_class_says_what_becomes_of_the_job(kind: ErrorClass) -> None:
    failed = failure(kind)
    assert failed.kind == kind
    assert failed.message
    blocks = kind in {"bot-check", "disk-full", "mount-missing"}
    waits = kind in {"rate-limit", "network"}
    assert type(failed) is (QueueBlocked if blocks else FailedForNow if waits else Failed)


@pytest.mark.parametrize(
    ("header", "status", "seconds"),
    [
        ("120", 429, 120),
        ("0", 429, 0),
        ("Thu, 01 Jan 1970 00:20:00 GMT", 429, 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 429, 0),
        ("soon", 429, 300),
        ("9" * 12, 429, 6 * 3600),
        (None, 429, 300),
        (None, 503, 0),
        ("60", 503, 60),
        ("²", 429, 300),
    ],
)
def test_how_long_a_site_asks_to_be_left_alone(header: str | None, status: int, seconds: float) -> None:
    assert wait_of(Facts(status=status, retry_after=header), 1000.0) == seconds


@pytest.mark.parametrize(
    ("hook", "part", "parts", "percent"),
    [
        ({"downloaded_bytes": 50, "total_bytes": 200}, 0, 1, 25.0),
        ({"downloaded_bytes": 50, "total_bytes": 100}, 1, 2, 75.0),
        ({"downloaded_bytes": 50, "total_bytes_estimate": 200.5}, 0, 1, 25.0),
        ({"downloaded_bytes": 50}, 0, 1, None),
        ({"downloaded_bytes": 50, "fragment_index": 3, "fragment_count": 4}, 0, 1, 75.0),
        ({"downloaded_bytes": 300, "total_bytes": 200}, 0, 1, 100.0),
        ({"status": "finished"}, 0, 2, 50.0),
        ({"status": "finished"}, 2, 2, 100.0),
        ({"downloaded_bytes": None, "total_bytes": 0, "speed": float("nan"), "eta": -1}, 0, 1, None),
    ],
)
def test_progress_in_percent(hook: dict[str, Any], part: int, parts: int, percent: float | None) -> None:
    assert told(hook, part, parts)["percent"] == percent


@given(
    st.dictionaries(
        st.sampled_from(["downloaded_bytes", "total_bytes", "speed", "eta"]), st.floats() | st.none() | st.integers()
    )
)
def test_no_hook_breaks_progress(hook: dict[str, Any]) -> None:
    now = told(hook)
    assert json.dumps(now, allow_nan=False)
    assert now["percent"] is None or 0 <= now["percent"] <= 100


SECRETS = [
    "https://v.example/a?key=hidden&x=1 failed",
    "https://somebody:hidden@v.example/a failed",
    "https://v.example/a#access_token=hidden",
    "Cookie: SID=hidden; HSID=hidden",
    "authorization: hidden",
    "'password': 'hidden'",
    "api_key=hidden",
    "\x1b[31mtoken=hidden\x1b[0m",
]


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_is_repeated(text: str) -> None:
    assert "hidden" not in redacted(text)
    kept = Transcript()
    kept.error(text)
    kept.warning(text)
    assert "hidden" not in kept.text + "".join(kept.warnings)


def test_a_transcript_is_short_and_keeps_the_end() -> None:
    kept = Transcript()
    for number in range(200):
        kept.debug(f"[info] line {number} " + "x" * 2000)
        kept.debug("[download] 5%")
    assert kept.text.splitlines()[-1].startswith("[info] line 199")
    assert len(kept.text) < 25_000
    assert "[download]" not in kept.text


def test_settings_that_make_no_sense_are_the_defaults() -> None:
    usual = Preferences()
    assert preferences({}) == usual
    bad = dict.fromkeys(("minimum_video_height", "download_pause", "minimum_free_space_mb"), "-1")
    assert (
        preferences({**bad, "download_request_pause": "nan", "subtitle_languages": "../x", "music_videos_path": " "})
        == usual
    )
    assert preferences({"music_videos_path": "/films/", "download_subtitles": "Yes"}).library == "/films"
    assert languages("en, pt-BR;de en x ../../etc") == ("en", "pt-BR", "de")


@pytest.mark.parametrize(
    "payload",
    [
        {"url": "https://v.example/" + "x" * 2000},
        {"url": "https://v.example/", "subtitle_languages": [".*"]},
        {"url": "https://v.example/", "subtitle_languages": ["en\n"]},
        {"url": "https://v.example/", "exec": "rm"},
        {"video_id": "x"},
    ],
)
def test_payloads_that_are_none(payload: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Download.model_validate(payload)


def test_what_a_download_is_about() -> None:
    assert subject(Download(video_id=3, url="https://v.example/1")) == "video 3"
    one, other = subject(Download(url="https://v.example/a")), subject(Download(url="https://v.example/A"))
    assert one != other, "addresses differ by case, the column does not"
    assert one.startswith("url ")
    assert "secret" not in subject(Download(url="https://v.example/?secret"))


@given(st.text(max_size=400))
def test_every_title_is_a_file_name(title: str) -> None:
    for name in (names.stem(title), names.folder(title)):
        assert 0 < len(f"{name} (12).pt-BR.info.json".encode()) <= names.NAME_BYTES
        assert not name.startswith(".")
        assert not {"/", "\\", "\0", ":", "\n"} & set(name)
        assert names.stem(name) == name or name.endswith("_")


FFMPEG = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:film.mp4':
  Duration: 00:01:40.00, start: 0.000000, bitrate: 241 kb/s
  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), 1920x800 [SAR 1:1], 25 fps
  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
  Stream #0:2[0x0]: Video: mjpeg (Baseline), yuvj420p(pc), 320x180, 90k tbr, 90k tbn (attached pic)
Output #0, null, to 'pipe:':
frame=   75 fps=0.0 q=-1.0 time=00:00:50.00 bitrate=N/A
frame=   75 fps=0.0 q=-1.0 Lsize=N/A time=00:01:39.50 bitrate=N/A
"""


def test_what_ffmpeg_says_of_a_film() -> None:
    found = proof.facts(FFMPEG)
    assert (found.duration, found.read, found.width, found.height) == (100.0, 99.5, 1920, 800)
    assert (found.codec, found.sound, found.broken) == ("h264", "aac", None)
    proof.check(found, proof.Wanted(duration=101, height=800, least_height=720))


@pytest.mark.parametrize(
    ("output", "wanted", "expected"),
    [
        (FFMPEG, proof.Wanted(duration=110), "bad-file"),
        (FFMPEG.replace("01:39.50", "01:20.00"), proof.Wanted(), "bad-file"),
        (FFMPEG + "stream 1, offset 0x7751: partial file\n", proof.Wanted(), "bad-file"),
        (FFMPEG.replace("Video: h264", "Data: bin_data"), proof.Wanted(), "bad-file"),
        (FFMPEG.replace("Audio: aac", "Data: bin_data"), proof.Wanted(picture=False), "bad-file"),
        (FFMPEG, proof.Wanted(height=1080), "too-low-quality"),
        (FFMPEG, proof.Wanted(least_height=1080), "too-low-quality"),
        ("", proof.Wanted(), "bad-file"),
    ],
)
def test_what_is_not_the_film_that_was_promised(output: str, wanted: proof.Wanted, expected: str) -> None:
    with pytest.raises(Failed) as failed:
        proof.check(proof.facts(output), wanted)
    assert failed.value.kind == expected


def test_a_plan_is_read_as_it_was_written() -> None:
    plan = Plan("film.mp4", 5, 7, "data/x/y.mp4", None, {"a": ".jpg"}, {"height": 480})
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    assert Plan.from_json(None) is None
    assert Plan.from_json({"film": "film.mp4"}) is None


def test_what_is_kept_of_a_film_holds_no_addresses_that_are_secret() -> None:
    info = {
        "title": "T",
        "webpage_url": "https://v.example/1?token=hidden",
        "formats": [{"url": "https://cdn.example/?sig=hidden", "cookies": "hidden", "height": 480}],
        "http_headers": {"Cookie": "hidden"},
        "url": "https://cdn.example/?sig=hidden",
        "tags": ["a", {"x": "hidden"}],
        "view_count": 10**12,
        "release_year": "1999",
    }
    assert "hidden" not in json.dumps(metadata.kept(info))
    assert metadata.columns(info)["view_count"] == 2**31 - 1
    assert "year" not in metadata.columns(info)
    assert metadata.shown(info)["heights"] == [480]


def test_downloads_from_one_host_begin_one_after_the_other(tmp_path: Path) -> None:
    def turn(_number: int) -> float:
        return pacing.wait_for_turn(tmp_path, "v.example", 10.0, lambda: 1000.0, lambda _seconds: None)

    with ThreadPoolExecutor(8) as threads:
        waits = sorted(threads.map(turn, range(8)))
    assert waits == [10.0 * number for number in range(8)]
    assert pacing.wait_for_turn(tmp_path, "other.example", 10.0, lambda: 1000.0, lambda _: None) == 0.0
    assert pacing.wait_for_turn(tmp_path, "v.example", 0.0, lambda: 1000.0, lambda _: None) == 0.0


def test_a_clock_that_was_set_back_stops_nobody(tmp_path: Path) -> None:
    pacing.wait_for_turn(tmp_path, "v.example", 10.0, lambda: 10**9, lambda _: None)
    assert pacing.wait_for_turn(tmp_path, "v.example", 10.0, lambda: 1000.0, lambda _: None) <= 600
    for file in tmp_path.iterdir():
        file.write_bytes(b"nonsense")
    assert pacing.wait_for_turn(tmp_path, "v.example", 10.0, lambda: 1000.0, lambda _: None) == 0.0


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("# Netscape HTTP Cookie File\n.v.example\tTRUE\t/\tTRUE\t0\tSID\tx\n", True),
        ("one line that is no cookie\n", False),
        ("[{}]", False),
        ("\udcff", False),
    ],
)
def test_cookies_that_cannot_be_read_are_none(text: str, usable: bool, tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, database_url="", db_host="")
    assert cookies.load(config) is None
    cookies.path(config).parent.mkdir()
    cookies.path(config).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert (cookies.load(config) is not None) is usable


def test_every_kind_names_code_that_is_there() -> None:
    from importlib import import_module

    from fastapi_app.downloads import kinds

    for kind in kinds.KINDS:
        assert callable(kind.load())
        kind.payload.model_json_schema()
        if kind.following:
            assert callable(import_module(kind.following).write)
            assert callable(import_module(kind.following).clean)
