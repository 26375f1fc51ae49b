"""A mutant in the place of the live function, wherever that was imported to."""

import functools
from types import FunctionType, ModuleType

from tests.mutation.mutant import Mutant


def function_of(module: ModuleType, name: str) -> FunctionType | None:
    """The function or method itself, below what decorates it. None where nothing of that name runs."""
    owner, _, last = name.rpartition(".")
    holder: object = module
    for part in owner.split(".") if owner else ():
        holder = getattr(holder, part, None)
    found = _bare(vars(holder).get(last) if holder is not None else None)
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found if isinstance(found, FunctionType) else None


def weave(module: ModuleType, mutant: Mutant) -> bool:
    """Whether the function is now the mutant. False: it can't be, for it closes over something else."""
    function = function_of(module, mutant.function)
    forget = getattr(vars(module).get(mutant.function), "cache_clear", None)
    if forget is not None:
        forget()
    if function is None or function.__code__.co_freevars != mutant.code.co_freevars:
        return False
    function.__code__ = mutant.code
    return True


def _bare(found: object) -> object:
    if isinstance(found, property):
        return found.fget
    if isinstance(found, functools.cached_property):
        return found.func
    return found.__func__ if isinstance(found, staticmethod | classmethod) else found
