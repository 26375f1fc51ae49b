"""What can go wrong with flags. Evaluation raises none of these.

FlagError
├── ChangeRefused        the change is not one that can be made; nothing was written
│   ├── StageNotServed
│   ├── ActorMissing
│   ├── ReasonMissing
│   ├── TextTooLong
│   └── KeyRefused
├── StoreUnavailable     the store can't be read or written now; it may come back
└── SchemaTooNew         a newer version wrote the store; this one must not touch it
"""

from collections.abc import Iterable


class FlagError(Exception):
    """The root of the tree."""


class ChangeRefused(FlagError):
    """The change is not one that can be made; nothing was written."""


class StageNotServed(ChangeRefused):
    """The stage has a name, but this version can't serve it."""

    def __init__(self, stage: str, served: Iterable[str]) -> None:
        self.stage = stage
        super().__init__(f"Stage '{stage}' can't be set. Stages that can be set: {', '.join(served)}.")


class ActorMissing(ChangeRefused):
    """Nobody signed the change."""

    def __init__(self) -> None:
        super().__init__("A change needs an actor: who makes it.")


class ReasonMissing(ChangeRefused):
    """Nobody said why."""

    def __init__(self) -> None:
        super().__init__("A change needs a reason.")


class TextTooLong(ChangeRefused):
    """The actor or the reason does not fit."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"The {what} must have at most {limit} characters.")


class KeyRefused(ChangeRefused):
    """The key is empty, too long, or named twice in one change."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        super().__init__(f"Route {key!r} {why}.")


class StoreUnavailable(FlagError):
    """The store can't be read or written now. Readers keep their last snapshot."""

    def __init__(self, store: str, cause: str) -> None:
        self.store = store
        self.cause = cause
        super().__init__(f"The flag store {store} is unavailable: {cause}.")


class SchemaTooNew(FlagError):
    """A newer version of this package wrote the store."""

    def __init__(self, found: int, known: int) -> None:
        self.found = found
        self.known = known
        super().__init__(
            f"The flag store has schema version {found}; this version knows {known}. Upgrade before using it."
        )
