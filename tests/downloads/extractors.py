"""Of yt-dlp's two thousand extractors two read our site; making the others takes longer than a test."""

from typing import Any

from yt_dlp.extractor.generic import GenericIE  # type: ignore[import-untyped]
from yt_dlp.extractor.genericembeds import HTML5MediaEmbedIE  # type: ignore[import-untyped]


def add_few(ydl: Any) -> None:
    """In the place of `YoutubeDL.add_default_info_extractors`."""
    for made in (HTML5MediaEmbedIE(ydl), GenericIE(ydl)):
        ydl.add_info_extractor(made)
