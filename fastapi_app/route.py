"""What every endpoint of the product has in common."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import Requirement


class RowId(Convertor[int]):
    """The id in a path, `{artist_id:row}`: digits of any script, as in 0.9, and no more than Python reads at once."""

    regex = r"\d{1,4000}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("row", RowId())


class UndeclaredAccess(Exception):
    """A route says nothing about who may call it. The application refuses to be built with it."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} declares no access: add dependencies=[require(Access.…)]")
        self.path = path


class Route(APIRoute):
    """An endpoint that answers HEAD where it answers GET."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.methods = self.methods or set()
        if "GET" in self.methods:
            self.methods.add("HEAD")


def endpoints(routes: Sequence[BaseRoute]) -> Iterator[RouteContext]:
    """Every endpoint under `routes`, with the path and methods it is served at. FastAPI keeps routers as a tree."""
    return (context for context in iter_route_contexts(routes) if isinstance(context.original_route, APIRoute))


def access_of(context: RouteContext) -> Access:
    """Who may call this endpoint. Raises UndeclaredAccess when it does not say."""
    found = [
        dependency.call.access
        for dependency in context.dependant.dependencies
        if isinstance(dependency.call, Requirement)
    ]
    if not found:
        raise UndeclaredAccess(str(context.path))
    return max(found)
