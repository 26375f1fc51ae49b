"""What can go wrong with a drill.

RouterError
├── DrillRefused      the route can't be drilled as it stands
├── DrillIgnored      the server answered, and modern did not fail
└── NotPutBack        the flag is not as it was before the drill
"""

from router.errors import RouterError


class DrillRefused(RouterError):
    """The route can't be drilled as it stands."""


class DrillIgnored(RouterError):
    """The server answered, and modern did not fail as it was asked to."""


class NotPutBack(RouterError):
    """The flag is not as it was before the drill. The text has the command that puts it back."""
