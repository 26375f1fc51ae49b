"""Runs ``strangler``, and has what it said."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from migration_flags import Stage
from migration_flags.stores.sql import SQLStore
from router.cli import main


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Command:
    """Runs ``strangler`` in a folder of its own, over a store of its own; in this process, which is quicker."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'flags.db'}"
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        self._monkeypatch.chdir(self.folder)
        self._monkeypatch.setenv("TOY_STORE", self.url)
        self._monkeypatch.setattr(sys, "path", [*sys.path])
        self._monkeypatch.setattr(sys, "argv", ["strangler", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capsys.readouterr()
        code = ended.value.code
        return Done(code if isinstance(code, int) else 0, printed.out, printed.err)

    def json(self, *arguments: str) -> Any:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def stages(self) -> dict[str, Stage]:
        store = SQLStore(self.url)
        found = {flag.key: flag.stage for flag in store.snapshot()}
        store.close()
        return found
