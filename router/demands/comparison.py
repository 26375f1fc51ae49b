"""The comparison of what both sides declare, made once at the start; where modern asks less, the log says so."""

import logging
from collections.abc import Iterable, Mapping

from router.demands.demand import Compared, Demands, Standing, compare
from router.row import Row

logger = logging.getLogger(__name__)


def compared(rows: Iterable[Row], demands: Demands | None) -> Mapping[str, Compared]:
    """By key; empty where nothing is declared."""
    found = {} if demands is None else compare(rows, demands)
    for one in found.values():
        if one.standing is Standing.LAXER:
            logger.warning("%s: %s", one.key, one)
    return found
