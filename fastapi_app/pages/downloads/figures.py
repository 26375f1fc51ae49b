"""Figures of a download in words. `static/jobs.js` says the same in the browser, and a test compares them. Pure."""

from fastapi_app.pages.cards import length

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def amount(size: int | None) -> str:
    """`1234567` is `1.2 MB`; nothing known is empty. Cut off, never rounded up: 99.9 % isn't all."""
    if size is None or size < 0:
        return ""
    place, unit = 0, 1
    while size >= unit * 1000 and place < len(_UNITS) - 1:
        place, unit = place + 1, unit * 1000
    whole, tenth = divmod(size * 10 // unit, 10)
    return f"{whole}.{tenth} {_UNITS[place]}" if place and whole < 100 else f"{whole} {_UNITS[place]}"


def progress(done: int | None, total: int | None) -> str:
    """`1.2 MB of 8.0 MB`; one of them where only one is known, or where all is there."""
    if done is not None and total is not None and done >= total:
        return amount(total)
    return " of ".join(text for text in (amount(done), amount(total)) if text)


def speed(rate: int | None) -> str:
    return f"{amount(rate)}/s" if rate else ""


def left(eta: int | None) -> str:
    """`1:20`; a second left is shown as such until there is none."""
    return length(eta)


def percent(value: float | None) -> str:
    return "" if value is None else f"{int(value)} %"


def attempts(number: int, limit: int) -> str:
    """`2 of 3`; empty before the first."""
    return f"{number} of {max(number, limit)}" if number else ""
