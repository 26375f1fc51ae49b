"""The mistakes are the ones that were meant, they reach the running code, and no reason outlives what it excuses."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.mutant import mutants
from tests.mutation.survivors import justified
from tests.mutation.targets import TARGETS
from tests.mutation.woven import weave

TOY = '''"""A toy."""
from functools import lru_cache

LIMIT = 5


@lru_cache
def above(number: int = 1) -> bool:
    """Whether it is above five."""
    return number > LIMIT and not number == 7


class Counter:
    def __init__(self) -> None:
        self.count = 0

    @property
    def doubled(self) -> int:
        return self.count * 2

    def add(self, text: str) -> str | None:
        if text:
            self.count += 1
            return f"{text} is {self.count} of 9"
        raise ValueError("a sentence is for people")
'''


def toy(folder: Path) -> ModuleType:
    file = folder / "toy.py"
    file.write_text(TOY)
    spec = importlib.util.spec_from_file_location("toy", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_mistakes_are_small_and_none_is_in_a_text_or_a_default() -> None:
    assert [(one.function, one.was, one.becomes) for one in mutants(TOY)] == [
        ("above", "return number > LIMIT and (not number == 7)", "return None"),
        ("above", "number > LIMIT and (not number == 7)", "number > LIMIT or not number == 7"),
        ("above", "number > LIMIT", "number >= LIMIT"),
        ("above", "number > LIMIT", "number <= LIMIT"),
        ("above", "not number == 7", "number == 7"),
        ("above", "number == 7", "number != 7"),
        ("above", "7", "8"),
        ("Counter.__init__", "self.count = 0", "pass"),
        ("Counter.__init__", "0", "1"),
        ("Counter.doubled", "return self.count * 2", "return None"),
        ("Counter.doubled", "self.count * 2", "self.count / 2"),
        ("Counter.doubled", "2", "3"),
        ("Counter.add", "text", "not text"),
        ("Counter.add", "self.count += 1", "self.count -= 1"),
        ("Counter.add", "1", "2"),
        ("Counter.add", "return f'{text} is {self.count} of 9'", "return None"),
        ("Counter.add", "raise ValueError('a sentence is for people')", "pass"),
    ]


def test_a_mutant_runs_wherever_the_function_was_imported_to_and_what_was_remembered_is_forgotten(
    tmp_path: Path,
) -> None:
    module = toy(tmp_path)
    imported = module.above
    assert not imported(5)
    (wrong,) = (one for one in mutants(TOY) if one.becomes == "number >= LIMIT")
    assert weave(module, wrong)
    assert imported(5)


def test_properties_and_methods_are_reached(tmp_path: Path) -> None:
    module = toy(tmp_path)
    counter = module.Counter()
    for one in mutants(TOY):
        if one.becomes in {"self.count -= 1", "3"}:
            assert weave(module, one)
    counter.add("x")
    assert (counter.count, counter.doubled) == (-1, -3)


def test_a_mutant_is_known_though_its_line_moves() -> None:
    before, after = [list(mutants(source)) for source in (TOY, "\n\n" + TOY)]
    assert [one.identity for one in before] == [one.identity for one in after]
    assert before[0].number != after[0].number


@pytest.mark.parametrize("module", TARGETS)
def test_what_is_tried_is_there(module: str) -> None:
    assert Path(module).is_file()
    for argument in TARGETS[module]:
        assert Path(argument.partition("::")[0]).is_file()


def test_no_reason_outlives_what_it_excuses() -> None:
    for module, reasons in justified().items():
        known = {one.identity for one in mutants(Path(module).read_text())}
        assert not [identity for identity in reasons if identity not in known], module
        assert module in TARGETS
        assert all(len(why) > 20 for why in reasons.values())
