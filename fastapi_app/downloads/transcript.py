"""The last lines that yt-dlp said, without secrets."""

import re
from collections import deque

_LINES = 40
_LINE_LENGTH = 500
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ADDRESS = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{0,15}://)(?:[^\s/@\"'<>]*@)?(?P<rest>[^\s?#\"'<>]*)[^\s\"'<>]*"
)
_HEADER = re.compile(r"(?P<name>\b(?:set-)?cookie|authorization)(?P<is>[\"']?\s*[=:]\s*)[^\n]+", re.IGNORECASE)
_SECRET = re.compile(
    r"(?P<name>token|password|passwd|secret|api[-_]?key|signature|\bsig)(?P<is>[\"']?\s*[=:]\s*)[^\s&,;]+",
    re.IGNORECASE,
)


class Transcript:
    """yt-dlp's logger. Errors come from it in prose, warnings among them; both are kept, and what it only mentions."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        if not message.startswith(("[debug]", "[download]")):
            self._keep(message)

    def info(self, message: str) -> None:
        self._keep(message)

    def warning(self, message: str) -> None:
        self.warnings.append(redacted(message))
        self._keep(f"WARNING: {message}")

    def error(self, message: str) -> None:
        self._keep(message)

    @property
    def text(self) -> str:
        """The last lines, oldest first."""
        return "\n".join(self._lines)

    def _keep(self, message: str) -> None:
        self._lines.extend(line for line in redacted(message).splitlines() if line.strip())


def redacted(text: str) -> str:
    """`text` without colours, query strings, logins in addresses, cookies and keys; long lines are cut."""
    plain = _ADDRESS.sub(_shown, _COLOURS.sub("", text))
    for secret in (_HEADER, _SECRET):
        plain = secret.sub(r"\g<name>\g<is>***", plain)
    return "\n".join(line[:_LINE_LENGTH] for line in plain.splitlines())


def _shown(found: re.Match[str]) -> str:
    shown = found["scheme"] + found["rest"]
    return shown if found.end("rest") == found.end() else f"{shown}?…"
