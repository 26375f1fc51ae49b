"""The operations that the modern side describes and that both sides own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation of an OpenAPI document: its parameters by name, and its body's schema by content type."""

    method: str
    template: str
    tag: str
    path: Mapping[str, Schema]
    query: Mapping[str, Schema]
    bodies: Mapping[str, Schema]

    @property
    def key(self) -> str:
        return f"{self.method} {self.template}"

    def __repr__(self) -> str:
        return self.key


def operations(document: Mapping[str, Any], keys: Iterable[str]) -> list[Operation]:
    """Those whose keys are given, in the order of the document."""
    wanted = frozenset(keys)
    found = (
        _operation(method.upper(), template, described)
        for template, methods in document["paths"].items()
        for method, described in methods.items()
    )
    return [operation for operation in found if operation.key in wanted]


def resolved(schema: Schema, whole: Schema) -> Schema:
    """`schema`, or what it points to within the body's schema `whole`."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = whole
    for part in str(reference).removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _operation(method: str, template: str, described: Mapping[str, Any]) -> Operation:
    parameters = described.get("parameters", ())
    by_place = {
        place: {one["name"]: one["schema"] for one in parameters if one["in"] == place} for place in ("path", "query")
    }
    content = described.get("requestBody", {}).get("content", {})
    bodies = {kind: media["schema"] for kind, media in content.items()}
    return Operation(method, template, described["tags"][0], by_place["path"], by_place["query"], bodies)
