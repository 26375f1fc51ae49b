"""What the mirror finds, on its way into the flag store."""

import logging
from collections.abc import Callable, Mapping

from migration_flags import Evidence, FlagError
from router.comparison.ledger import Ledger
from router.comparison.summary import fitted

LENGTH = 90_000
"""Characters of a piece of evidence; a store takes 100,000."""

Keep = Callable[[Evidence], None]

logger = logging.getLogger(__name__)


class Keeper:
    """Stores running summaries under the name ``source``: each takes the place of the one before."""

    def __init__(self, keep: Keep, source: str, version: str) -> None:
        self._keep = keep
        self._source = source
        self._version = version
        self._written: dict[str, tuple[int, int]] = {}
        self._in_trouble = False

    def write(self, ledgers: Mapping[str, Ledger], moment: str, epoch: int) -> None:
        """The summary of each route of which something was compared since. Blocks; what fails is tried again."""
        try:
            for key, ledger in ledgers.items():
                state = (ledger.compared, ledger.probed)
                if state != self._written.get(key, (0, 0)):
                    summary = fitted(ledger.summary(self._version), LENGTH)
                    self._keep(Evidence(key, "shadow", moment, epoch, summary.to_json(), self._source))
                    self._written[key] = state
            self._in_trouble = False
        except FlagError as error:
            if not self._in_trouble:
                logger.warning("What the mirror found can't be stored now: %s", error)
            self._in_trouble = True
