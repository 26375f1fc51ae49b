"""The mutants that no test can notice, or that none needs to, each with the reason."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from tests.mutation.mutant import Identity

FILE = Path(__file__).with_name("survivors.toml")


def justified(path: Path = FILE) -> Mapping[str, Mapping[Identity, str]]:
    """By module, then by mutant: why it may live. Raises `KeyError` for an entry that lacks something."""
    found: dict[str, dict[Identity, str]] = {}
    for one in tomllib.loads(path.read_text()).get("survivor", []):
        identity = (one["function"], one["line"], one["was"], one["becomes"])
        found.setdefault(one["module"], {})[identity] = one["why"]
    return found
