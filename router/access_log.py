"""One line in the log for each finished request, by its route: the address itself may carry secrets."""

import logging

from router.observation import Observation


class AccessLog:
    """An `Observer`. The line's parts are in the record's ``fields`` too, for those who write JSON.

    Without a level of INFO or finer on its logger it does nothing.
    """

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(__name__)

    def __call__(self, observation: Observation) -> None:
        if self._logger.isEnabledFor(logging.INFO):
            fields = fields_of(observation)
            line = f"{observation.key} {observation.status} {fields['side']} {fields['duration_ms']} ms"
            self._logger.info("%s", line, extra={"fields": fields})


def fields_of(observation: Observation) -> dict[str, str | int | float | bool]:
    """What a line tells of a request: no path, no query, no visitor. Durations are in milliseconds."""
    told: dict[str, str | int | float | bool] = {
        "request_id": observation.request_id,
        "route": observation.key,
        "method": observation.method,
        "side": observation.served_by.value,
        "stage": observation.stage.value,
        "status": observation.status,
        "duration_ms": round(observation.duration * 1000, 2),
    }
    if observation.fallback:
        told["fallback"] = True
    return told
