"""The list of operations, from descriptions of every shape that OpenAPI allows."""

from typing import Any

from fastapi_app.pages.catalogue import groups, shapes
from fastapi_app.pages.markup import prose

VIDEO = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "description": "Its number"}}}


def description(operation: dict[str, Any], method: str = "get") -> dict[str, Any]:
    return {
        "tags": [{"name": "Big & small", "description": "All of them"}, {"name": "unused"}],
        "paths": {"/api/videos/{id}": {method: operation, "parameters": []}},
        "components": {"schemas": {"Video": VIDEO}},
    }


def test_operations_stand_under_their_first_tag() -> None:
    (group,) = groups(description({"tags": ["Big & small", "unused"], "summary": "One video"}))
    assert (group.name, group.description, group.anchor) == ("Big & small", "All of them", "big-small")
    assert [(found.method, found.path, found.summary) for found in group.operations] == [
        ("GET", "/api/videos/{id}", "One video")
    ]


def test_an_operation_without_a_tag_is_not_lost() -> None:
    (group,) = groups(description({}))
    assert (group.name, group.anchor) == ("other", "other")


def test_parameters_bodies_and_answers_are_told() -> None:
    told = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}, "description": "Which"},
            {"name": "sort", "in": "query", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            {"name": "kind", "in": "query", "schema": {"enum": ["a", "b"], "type": "string"}},
        ],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Video"}}}},
        "responses": {
            "200": {
                "description": "Found",
                "content": {
                    "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Video"}}}
                },
            },
            "206": {"description": "Part", "content": {"video/mp4": {}}},
            "404": {"description": "Not there"},
        },
    }
    operation = groups(description(told, "put"))[0].operations[0]
    assert [(found.name, found.place, found.kind, found.required) for found in operation.parameters] == [
        ("id", "path", "integer", True),
        ("sort", "query", "text or null", False),
        ("kind", "query", "a, b", False),
    ]
    assert operation.body is not None
    assert operation.body.kind == "application/json Video"
    assert [(found.name, found.required, found.description) for found in operation.body.fields] == [
        ("id", True, "Its number")
    ]
    assert [(found.status, found.kind) for found in operation.answers] == [
        ("200", "list of Video"),
        ("206", "video/mp4"),
        ("404", ""),
    ]


def test_named_shapes_are_listed() -> None:
    (shape,) = shapes(description({}))
    assert (shape.name, [found.kind for found in shape.fields]) == ("Video", ["integer"])


def test_prose_escapes_everything_but_its_own_marks() -> None:
    assert (
        prose("One <b>\n\nwith `<code>` & more")
        == "<p>One &lt;b&gt;</p><p>with <code>&lt;code&gt;</code> &amp; more</p>"
    )
    assert prose("") == ""
