"""A route as one application declares it."""

from dataclasses import dataclass
from typing import Any

from router.default_redirect import Home
from router.template import Template

ANY_METHOD = "*"


@dataclass(frozen=True, eq=False)
class Declared:
    """One method of one route of one application.

    ``loose_slash``: the application answers with and without the final slash. ``redirects_to_slash``: it redirects a
    path that lacks it. ``answers_head``: a GET whose handler takes HEAD itself. ``automatic_options``: the framework
    answers OPTIONS for it. ``merges_slashes``: it redirects paths with doubled slashes, and refuses the others as
    Werkzeug does. ``home`` says where it redirects a path of this route, if anywhere. ``handle``: what the application
    needs to enter the route directly; opaque here.
    """

    method: str
    template: Template
    name: str = ""
    loose_slash: bool = False
    redirects_to_slash: bool = False
    answers_head: bool = False
    automatic_options: bool = False
    merges_slashes: bool = False
    home: Home | None = None
    handle: Any = None
