"""What can go wrong before anything is compared."""

from router.errors import RouterError


class WaiversUnreadable(RouterError):
    """The waivers' file is none."""
