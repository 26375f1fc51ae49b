"""A route as one application declares it."""

from dataclasses import dataclass
from typing import Any

from router.template import Template

ANY_METHOD = "*"


@dataclass(frozen=True, eq=False)
class Declared:
    """One method of one route of one application.

    ``loose_slash``: the application answers with and without the final slash. ``answers_head``: a GET whose handler
    takes HEAD itself. ``handle``: what the application needs to enter the route directly; opaque here.
    """

    method: str
    template: Template
    name: str = ""
    loose_slash: bool = False
    answers_head: bool = False
    handle: Any = None
