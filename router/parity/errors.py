"""What can go wrong while both sides are asked."""

from router.errors import RouterError


class CorpusUnreadable(RouterError):
    """A line of a corpus is none."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}.")


class AskedInVain(RouterError):
    """A request had no answer, so that there is nothing to compare."""
