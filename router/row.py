"""A row of the route table: one method and one shape of path, with one flag."""

from dataclasses import dataclass
from enum import StrEnum

from router.declared import ANY_METHOD, Declared


class Side(StrEnum):
    """Who answers."""

    LEGACY = "legacy"
    MODERN = "modern"
    ROUTER = "router"


class Owner(StrEnum):
    """Which applications have a handler for the row; or the router has, for its own pages."""

    LEGACY = "legacy"
    MODERN = "modern"
    BOTH = "both"
    ROUTER = "router"


class Relation(StrEnum):
    """How the modern template's paths compare with the legacy one's."""

    EQUAL = "equal"
    NARROWER = "narrower"
    WIDER = "wider"
    SHADOWED = "shadowed"
    ORPHAN = "orphan"


UNMATCHED_KEY = f"{ANY_METHOD} /{{path}}"
OWN_PREFIX = "_strangler"
"""The first segment of the paths that the router answers itself."""


@dataclass(frozen=True, eq=False)
class Row:
    """``key`` is the route's name everywhere: ``GET /api/videos/{video_id}``."""

    key: str
    method: str
    template: str
    owner: Owner
    relation: Relation
    legacy: tuple[Declared, ...] = ()
    modern: tuple[Declared, ...] = ()

    @property
    def unmatched(self) -> bool:
        """The virtual row: unknown paths, wrong verbs, automatic OPTIONS, redirects of slashes."""
        return self.key == UNMATCHED_KEY
