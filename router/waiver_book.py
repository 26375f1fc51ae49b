"""The waivers that were made while the system ran, as one worker knows them."""

import secrets
from collections.abc import Callable, Iterable
from datetime import date

from migration_flags import Evidence, FlagStore
from router.comparison.field_waiver import (
    PLACE,
    FieldWaiver,
    applied_to_evidence,
    check_waiver,
    made,
    read_field_waivers,
    withdrawn,
)
from router.comparison.mismatch import Kind


class WaiverBook:
    """Reads and writes them in the flag store. ``known`` are those of the last reading; any thread may look.

    Every method but `of` and `apply` blocks, and raises the store's `FlagError`s.
    """

    def __init__(self, store: FlagStore, token: Callable[[], str] = lambda: secrets.token_hex(6)) -> None:
        self._store = store
        self._token = token
        self.known: tuple[FieldWaiver, ...] = ()

    def refresh(self) -> tuple[FieldWaiver, ...]:
        """Reads them all."""
        self.known = read_field_waivers(self._store.evidence(PLACE, kind="waiver"))
        return self.known

    def of(self, key: str) -> tuple[FieldWaiver, ...]:
        """Those of a route, the ones that were taken back or ran out among them."""
        return tuple(one for one in self.known if one.key == key)

    def apply(self, pieces: Iterable[Evidence], today: date) -> tuple[Evidence, ...]:
        """Evidence as it reads under the waivers that hold."""
        return applied_to_evidence(pieces, self.known, today)

    def make(self, key: str, field: str, kind: Kind | None, *, owner: str, reason: str, expires: date) -> FieldWaiver:
        """Raises `WaiverRefused`."""
        now = self._store.now()
        waiver = FieldWaiver(self._token(), key, field, kind, owner, reason.strip(), expires)
        check_waiver(waiver, now.date())
        self._store.keep(made(waiver, now.isoformat(timespec="microseconds"), self._store.epoch()))
        self.refresh()
        return waiver

    def withdraw(self, waiver: FieldWaiver, *, by: str, reason: str) -> None:
        """Takes one back. What it waived counts again."""
        at = self._store.now().isoformat(timespec="microseconds")
        self._store.keep(withdrawn(waiver, by, reason.strip(), at, self._store.epoch()))
        self.refresh()
