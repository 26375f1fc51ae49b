"""Which of the formats that a site offers is taken. Pure."""

from dataclasses import dataclass

BEST = "best"
AUDIO = "audio"
HIGHEST = 1080
"""`best` stops there, as 0.9 did: more is four times the disk for a film that most screens can't show."""
HEIGHTS = {"2160p": 2160, "4k": 2160, "1440p": 1440, "1080p": 1080, "720p": 720, "480p": 480, "360p": 360, "240p": 240}
QUALITIES = (BEST, *HEIGHTS, AUDIO)
"""What may be asked for, by the names of the settings page."""
_POOR = 480


@dataclass(frozen=True)
class Choice:
    """What yt-dlp is told: a format, how to sort the candidates, and the container to merge into.

    `height` is the most that is wanted, in pixels, None for sound alone.
    """

    format: str
    sort: tuple[str, ...]
    container: str
    height: int | None


def choice(quality: str) -> Choice:
    """How to take `quality`. A name that nobody knows means `best`.

    The resolution counts first, then H.264 and AAC in an MP4: what every browser and television plays. Where nothing
    is small enough the smallest there is, rather than none.
    """
    name = quality.strip().lower()
    if name == AUDIO:
        return Choice("bestaudio[ext=m4a]/bestaudio/best", ("acodec:aac",), "m4a", None)
    height = HEIGHTS.get(name, HEIGHTS.get(f"{name}p", HIGHEST))
    sort = (f"res:{height}", "vcodec:h264", "acodec:aac", "ext:mp4:m4a")
    return Choice("bestvideo*+bestaudio/best", sort, "mp4/mkv", height)


def poorer_than_wanted(height: int | None, wanted: int | None) -> bool:
    """Whether a film is so small that somebody should be told: sites hand out 360 lines to whom they distrust."""
    return height is not None and wanted is not None and height < min(_POOR, wanted)
