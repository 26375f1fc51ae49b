"""Who sends a request."""

from dataclasses import dataclass
from enum import StrEnum

from fastapi_app.auth.access import Access, reach
from fastapi_app.models import UserRole


class Via(StrEnum):
    """What proved a visitor."""

    COOKIE = "cookie"
    TOKEN = "token"  # noqa: S105 - a kind of proof, not a secret
    KEY = "key"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A logged-in user, or nobody. `session_id` is the row that proves the login; an API key has none.

    `role` is what counts for this request: that of the user, or the lower one of a key.
    """

    user_id: int | None = None
    username: str = ""
    email: str = ""
    role: UserRole | None = None
    session_id: int | None = None
    via: Via = Via.NOBODY

    @property
    def logged_in(self) -> bool:
        return self.user_id is not None

    def reaches(self, needed: Access) -> bool:
        """Whether the role alone suffices."""
        return reach(self.role) >= needed


ANONYMOUS = Visitor()
