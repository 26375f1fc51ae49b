"""The library of the tests of renaming."""

from tests.renames.conftest import house, mariadb

__all__ = ["house", "mariadb"]
