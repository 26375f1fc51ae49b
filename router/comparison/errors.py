"""What can go wrong with waivers."""

from router.errors import RouterError


class WaiversUnreadable(RouterError):
    """The waivers' file is none."""


class WaiverRefused(RouterError):
    """A waiver that can't be made. ``field`` names the member that is wrong."""

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        self.why = why
        super().__init__(f"{field} {why}.")
