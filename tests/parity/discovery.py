"""Requests about discovery, with IMVDb away and without a key: nobody outside is asked."""

from collections.abc import Iterator

from tests.parity.ask import Ask, get, send
from tests.parity.values import VALUES

_ONE = "/api/discovery/artist/4"
_ALL = "/api/discovery/all"
_KEY = "/api/settings/imvdb_api_key"


def reads() -> Iterator[Ask]:
    """Addresses and methods that there are not."""
    for target in (_ONE, _ALL, f"{_ALL}/", "/api/discovery/artist/", "/api/discovery/artist/abc"):
        yield get(target)
    for target in ("/api/discovery/artist/abc", "/api/discovery/artist/-1", f"{_ONE}/", "/api/discovery/artist"):
        yield send("POST", target, {})


def writes() -> Iterator[Ask]:
    """With a key that reaches nobody, then without one, then with nobody to look for."""
    yield send("PUT", _KEY, {"value": "do-not-show"}, "root")
    yield from _asked()
    yield send("PUT", _KEY, {"value": "no header holds thís"}, "root")
    yield send("POST", _ONE, {})
    yield send("PUT", _KEY, {"value": ""}, "root")
    yield from _asked()
    for value in VALUES:
        yield send("POST", _ONE, {"limit": value})
        yield send("POST", _ALL, {"limit_per_artist": value})
        yield send("POST", _ONE, value)
        yield send("POST", _ALL, value)
    yield send("PUT", "/api/artists/4/settings", {"monitored": False})
    yield send("POST", _ALL, {})
    yield send("PUT", _KEY, {"value": "do-not-show"}, "root")


def _asked() -> Iterator[Ask]:
    for number in ("1", "4", "0", "01", "999", "9" * 30):
        yield send("POST", f"/api/discovery/artist/{number}", {})
    yield send("POST", "/api/discovery/artist/4", {"limit": 0, "bogus": 1})
    yield send("POST", _ALL, {})
    yield send("POST", _ALL, {"limit_per_artist": 0})
