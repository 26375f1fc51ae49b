"""Whether a file is the whole film that was promised. ffmpeg reads every packet of it and decodes none."""

import re
from dataclasses import dataclass
from pathlib import Path

from fastapi_app.downloads.failures import ErrorClass, failure
from fastapi_app.downloads.options import LOCAL_ONLY
from fastapi_app.jobs.work import Failed, Work

_READING_SECONDS = 1800.0
_LEAST_TOLERANCE = 2.0
_TOLERANCE = 0.03
"""Sites round durations to whole seconds, and sound may end before the picture."""
_HEIGHT_TOLERANCE = 0.9
"""Films wider than 16:9 have fewer lines than their name says."""
_CLOCK = r"(\d+):(\d\d):(\d\d(?:\.\d+)?)"
_DURATION = re.compile(rf"^\s*Duration: {_CLOCK}", re.MULTILINE)
_TIME = re.compile(rf"time={_CLOCK}")
_PICTURE = re.compile(r"^\s*Stream #0:\d+.*?: Video: (\w+).*?, (\d{2,5})x(\d{2,5})(.*)$", re.MULTILINE)
_SOUND = re.compile(r"^\s*Stream #0:\d+.*?: Audio: (\w+)", re.MULTILINE)
_BROKEN = re.compile(r"partial file|Packet corrupt|corrupt input packet|Invalid data found|moov atom not found")
_FORMAT = re.compile(r"^Input #0, ([\w,]+), from", re.MULTILINE)
_COVER = "(attached pic)"


@dataclass(frozen=True)
class Facts:
    """What a file says of itself, and what reading it showed: `read` seconds of `duration`.

    `broken` is ffmpeg's first complaint about the packets.
    """

    duration: float | None = None
    read: float | None = None
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    sound: str | None = None
    container: str | None = None
    broken: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What was promised: seconds, and lines of the picture. `least_height` 0 is any; no picture is wanted of sound."""

    duration: float | None = None
    height: int | None = None
    least_height: int = 0
    picture: bool = True


def command(ffmpeg: str, file: Path) -> list[str]:
    """Reads picture and sound and throws them away. ffmpeg tells what it met."""
    streams = ("-map", "0:v:0?", "-map", "0:a:0?")
    return [
        ffmpeg,
        "-hide_banner",
        "-nostdin",
        *LOCAL_ONLY,
        "-i",
        f"file:{file}",
        *streams,
        "-c",
        "copy",
        "-f",
        "null",
        "-",
    ]


def inspect(work: Work, ffmpeg: str, file: Path) -> Facts:
    """The facts of a file. Raises Failed of class `bad-file` for what is no film at all."""
    try:
        return facts(work.run(command(ffmpeg, file), timeout=_READING_SECONDS))
    except Failed as failed:
        raise failure(ErrorClass.BAD_FILE, log=failed.log) from None


def facts(output: str) -> Facts:
    """Reads what ffmpeg wrote. Pure."""
    said = output.partition("Output #0")[0]
    picture = next((found for found in _PICTURE.finditer(said) if _COVER not in found[4]), None)
    times = _TIME.findall(output)
    duration, sound, broken = _DURATION.search(said), _SOUND.search(said), _BROKEN.search(output)
    container = _FORMAT.search(said)
    return Facts(
        duration=_seconds(*duration.groups()) if duration else None,
        read=_seconds(*times[-1]) if times else None,
        width=int(picture[2]) if picture else None,
        height=int(picture[3]) if picture else None,
        codec=picture[1] if picture else None,
        sound=sound[1] if sound else None,
        container=container[1] if container else None,
        broken=broken[0] if broken else None,
    )


def check(found: Facts, wanted: Wanted) -> None:
    """Raises Failed of class `bad-file` or `too-low-quality` where the file is not what was promised. Pure."""
    if found.broken:
        raise failure(ErrorClass.BAD_FILE, f"What came is not a whole film: {found.broken}")
    if wanted.picture and found.height is None:
        raise failure(ErrorClass.BAD_FILE, "What came has no picture")
    if not wanted.picture and found.sound is None:
        raise failure(ErrorClass.BAD_FILE, "What came has no sound")
    _check_length(found, wanted)
    if wanted.picture:
        _check_height(found.height or 0, wanted)


def _check_length(found: Facts, wanted: Wanted) -> None:
    if not found.read:
        raise failure(ErrorClass.BAD_FILE, "What came is empty")
    for promised in (found.duration, wanted.duration):
        if promised and found.read < promised - max(_LEAST_TOLERANCE, promised * _TOLERANCE):
            text = f"The film is {found.read:.0f} s long instead of {promised:.0f} s"
            raise failure(ErrorClass.BAD_FILE, text)


def _check_height(height: int, wanted: Wanted) -> None:
    if wanted.height and height < wanted.height * _HEIGHT_TOLERANCE:
        text = f"The film came with {height} lines although {wanted.height} were promised"
        raise failure(ErrorClass.TOO_LOW_QUALITY, text)
    if height < wanted.least_height:
        text = f"The film has {height} lines; the settings ask for {wanted.least_height}"
        raise failure(ErrorClass.TOO_LOW_QUALITY, text)


def _seconds(hours: str, minutes: str, seconds: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
