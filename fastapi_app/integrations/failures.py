"""What can go wrong between us and another service, and how the client hears of it.

    Unavailable 503
    └── ServiceFailure
        ├── NoAnswer            nobody there, too slow, or broken on their side
        ├── KeyRefused          the key in the settings is not one of theirs
        ├── TooManyRequests     they ask us to wait
        └── Unreadable          they answered something that is no answer

No message carries what the other side wrote, nor the key.
"""

from fastapi_app.errors import Unavailable

_RETRY_SECONDS = 30


class ServiceFailure(Unavailable):
    """Another service could not be used. `seconds` from now a new attempt makes sense."""

    def __init__(self, message: str, seconds: int = _RETRY_SECONDS) -> None:
        super().__init__(message)
        self.seconds = seconds

    def headers(self) -> dict[str, str]:
        return {"retry-after": str(self.seconds)}


class NoAnswer(ServiceFailure):
    """Nobody there, too slow, or broken on their side."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} did not answer, try again later")


class KeyRefused(ServiceFailure):
    """The key in the settings is not one of theirs."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} refuses the key in the settings")


class TooManyRequests(ServiceFailure):
    """They ask us to wait."""

    def __init__(self, service: str, seconds: int) -> None:
        super().__init__(f"{service} asks for fewer requests, try again later", seconds)


class Unreadable(ServiceFailure):
    """They answered something that is no answer."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} gave an answer that can't be read")
