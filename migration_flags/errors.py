"""What can go wrong with flags. Evaluation raises none of these.

FlagError
├── ChangeRefused        the change is not one that can be made; nothing was written
│   ├── ActorMissing
│   ├── ReasonMissing
│   ├── TextRefused
│   │   └── TextTooLong
│   ├── KeyRefused
│   ├── PercentRefused
│   ├── RuleRefused
│   ├── LatchRefused
│   ├── EvidenceRefused
│   ├── RetiredRefused
│   ├── DependencyRefused
│   ├── DependencyCycle
│   └── EpochMoved
├── StoreUnavailable     the store can't be read or written now; it may come back
│   ├── StoreInvalid     its content can't be understood
│   └── StoreWentBack    it is empty or older than it was; somebody must decide
├── SchemaTooNew         a newer version wrote the store; this one must not touch it
└── AddressRefused       there is no such kind of store
"""

from collections.abc import Sequence


class FlagError(Exception):
    """The root of the tree."""


class ChangeRefused(FlagError):
    """The change is not one that can be made; nothing was written."""


class ActorMissing(ChangeRefused):
    """Nobody signed the change."""

    def __init__(self) -> None:
        super().__init__("A change needs an actor: who makes it.")


class ReasonMissing(ChangeRefused):
    """Nobody said why."""

    def __init__(self) -> None:
        super().__init__("A change needs a reason.")


class TextRefused(ChangeRefused):
    """A text that can't be kept."""

    def __init__(self, what: str, why: str) -> None:
        self.what = what
        super().__init__(f"The {what} {why}.")


class TextTooLong(TextRefused):
    """A text does not fit."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what, f"must have at most {limit} characters")


class KeyRefused(ChangeRefused):
    """The key is empty, too long, or named twice in one change."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        super().__init__(f"Route {key!r} {why}.")


class PercentRefused(ChangeRefused):
    """A percentage is missing, out of range, too fine, or has no meaning at the stage."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        super().__init__(f"{key}: {why}.")


class RuleRefused(ChangeRefused):
    """A rule for a user or a role can't be kept."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        super().__init__(f"{key}: {why}.")


class LatchRefused(ChangeRefused):
    """A latch holds a route on legacy: it goes with the stages legacy and shadow only."""

    def __init__(self, key: str, stage: str) -> None:
        self.key = key
        super().__init__(f"{key} can't be latched at {stage}: a latch holds a route at legacy or shadow.")


class EvidenceRefused(ChangeRefused):
    """The evidence is not JSON, or too long."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The evidence {why}.")


class RetiredRefused(ChangeRefused):
    """The legacy handler is gone; the route can't go back by a plain change."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        super().__init__(f"{key} {why}.")


class DependencyRefused(ChangeRefused):
    """A route that this one requires has not moved far enough."""

    def __init__(self, key: str, stage: str, required: str, found: str, demanded: str) -> None:
        self.key = key
        self.required = required
        super().__init__(f"{key} can't be {stage}: it requires {required}, which is {found} and must be {demanded}.")


class DependencyCycle(ChangeRefused):
    """Routes that require each other could never move."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(f"Routes can't require each other: {' → '.join(keys)}.")


class EpochMoved(ChangeRefused):
    """Somebody else changed the flags in between."""

    def __init__(self, expected: int, found: int) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"The flags are at epoch {found}, not {expected}: somebody changed them.")


class StoreUnavailable(FlagError):
    """The store can't be read or written now. Readers keep their last snapshot."""

    def __init__(self, store: str, cause: str) -> None:
        self.store = store
        self.cause = cause
        super().__init__(f"The flag store {store} is unavailable: {cause}.")


class StoreInvalid(StoreUnavailable):
    """The store's content can't be understood. ``cause`` names the place."""


class StoreWentBack(StoreUnavailable):
    """The store is empty, older or another one than this process knew."""

    def __init__(self, store: str, known: int, found: int) -> None:
        self.known = known
        self.found = found
        super().__init__(store, f"it had epoch {known} and came back with {found}; repair it or start again")


class SchemaTooNew(FlagError):
    """A newer version of this package wrote the store."""

    def __init__(self, found: int, known: int) -> None:
        self.found = found
        self.known = known
        super().__init__(
            f"The flag store has schema version {found}; this version knows {known}. Upgrade before using it."
        )


class AddressRefused(FlagError):
    """There is no such kind of store. The address stays unsaid: it may hold a password."""

    def __init__(self) -> None:
        super().__init__(
            "The address is none of a flag store. Examples: sqlite:///data/flags.db, mysql://user:password@host/name, "
            "redis://host:6379/0, file:data/flags.json."
        )
