"""The OpenAPI description as the documentation page shows it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_UNTAGGED = "other"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Parameter:
    """A parameter, or a member of a body. `place` is path, query, header, cookie or body."""

    name: str
    place: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Body:
    """What a request carries."""

    kind: str
    fields: list[Parameter]


@dataclass(frozen=True)
class Answer:
    """What comes back with a status."""

    status: str
    kind: str
    description: str


@dataclass(frozen=True)
class Operation:
    """A method and a path."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Parameter]
    body: Body | None
    answers: list[Answer]


@dataclass(frozen=True)
class Shape:
    """A named object that bodies and answers consist of."""

    name: str
    description: str
    fields: list[Parameter]


@dataclass(frozen=True)
class Group:
    """The operations of one tag."""

    name: str
    description: str
    operations: list[Operation] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        """A name for the address bar, of letters, digits and hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or _UNTAGGED

    @property
    def kinds(self) -> Iterator[str]:
        """The kinds of all that its operations take and give."""
        for operation in self.operations:
            body = operation.body
            yield from (answer.kind for answer in operation.answers)
            yield from (parameter.kind for parameter in operation.parameters)
            if body is not None:
                yield body.kind
                yield from (member.kind for member in body.fields)


def groups(description: Mapping[str, Any]) -> list[Group]:
    """Operations by their first tag, in the order in which the description names them."""
    told = {tag["name"]: tag.get("description", "") for tag in description.get("tags", [])}
    found = {name: Group(name, text) for name, text in told.items()}
    for tag, operation in _operations(description):
        found.setdefault(tag, Group(tag, "")).operations.append(operation)
    return [group for group in found.values() if group.operations]


def shapes(description: Mapping[str, Any]) -> list[Shape]:
    """Every named object, by name."""
    told = description.get("components", {}).get("schemas", {})
    return [Shape(name, told[name].get("description", ""), _fields(told[name])) for name in sorted(told)]


def shapes_of(group: Group, every: Iterable[Shape]) -> list[Shape]:
    """The named objects that a group's bodies and answers consist of, and those that these consist of; by name."""
    known = {shape.name: shape for shape in every}
    found: dict[str, Shape] = {}
    open_kinds = list(group.kinds)
    while open_kinds:
        for name in _WORD.findall(open_kinds.pop()):
            if name in known and name not in found:
                found[name] = known[name]
                open_kinds += [member.kind for member in known[name].fields]
    return [found[name] for name in sorted(found)]


def _operations(description: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    schemas = description.get("components", {}).get("schemas", {})
    for path, methods in description.get("paths", {}).items():
        for method in _METHODS:
            if method in methods:
                told = methods[method]
                yield (told.get("tags") or [_UNTAGGED])[0], _operation(method, path, told, schemas)


def _operation(method: str, path: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    return Operation(
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        description=told.get("description", ""),
        parameters=[_parameter(parameter) for parameter in told.get("parameters", [])],
        body=_body(told.get("requestBody"), schemas),
        answers=[_answer(status, answer) for status, answer in told.get("responses", {}).items()],
    )


def _parameter(told: Mapping[str, Any]) -> Parameter:
    schema = told.get("schema", {})
    text = told.get("description") or schema.get("description", "")
    return Parameter(told["name"], told["in"], _kind(schema), told.get("required", False), text)


def _body(told: Mapping[str, Any] | None, schemas: Mapping[str, Any]) -> Body | None:
    if not told:
        return None
    media_type, schema = _first_content(told)
    return Body(f"{media_type} {_kind(schema)}".strip(), _fields(schemas.get(_reference(schema), schema)))


def _fields(schema: Mapping[str, Any]) -> list[Parameter]:
    required = schema.get("required", [])
    return [
        Parameter(name, "body", _kind(member), name in required, member.get("description", ""))
        for name, member in schema.get("properties", {}).items()
    ]


def _answer(status: str, told: Mapping[str, Any]) -> Answer:
    media_type, schema = _first_content(told)
    kind = _kind(schema) if schema else media_type
    return Answer(status, kind, told.get("description", ""))


def _first_content(told: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    for media_type, content in told.get("content", {}).items():
        return media_type, content.get("schema", {})
    return "", {}


def _reference(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: `integer`, `text or null`, `list of Video`."""
    if reference := _reference(schema):
        return reference
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(dict.fromkeys(_kind(option) for option in schema[union]))
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if values := schema.get("additionalProperties"):
        return f"object of {_kind(values)}" if isinstance(values, Mapping) else "object"
    return {"string": "text", "": "any"}.get(str(schema.get("type", "")), str(schema.get("type", "")))
