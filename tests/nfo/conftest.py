"""The library of the tests of renaming."""

from tests.renames.conftest import house

__all__ = ["house"]
