"""Who sends a request."""

from dataclasses import dataclass

from fastapi_app.auth.access import Access, reach
from fastapi_app.models import UserRole


@dataclass(frozen=True, slots=True)
class Visitor:
    """A logged-in user, or nobody. `session_id` is the row that proves the login."""

    user_id: int | None = None
    username: str = ""
    email: str = ""
    role: UserRole | None = None
    session_id: int | None = None

    @property
    def logged_in(self) -> bool:
        return self.user_id is not None

    def reaches(self, needed: Access) -> bool:
        """Whether the role alone suffices."""
        return reach(self.role) >= needed


ANONYMOUS = Visitor()
