"""Whether a value is what a schema of the provider's OpenAPI file says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

WIRE = Path(__file__).parents[1] / "wire"
KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


@cache
def spec() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((WIRE / "bfl_openapi.json").read_text())
    return found


@cache
def bodies() -> dict[str, dict[str, Any]]:
    """The schema of each endpoint's request, by its path below /v1."""
    tools = json.loads((WIRE / "bfl_tools.json").read_text())["paths"]
    published = {
        path: operations["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path, operations in spec()["paths"].items()
        if "post" in operations
    }
    return {path.removeprefix("/v1/"): schema for path, schema in {**published, **tools}.items()}


def schema_named(name: str) -> dict[str, Any]:
    found: dict[str, Any] = spec()["components"]["schemas"][name]
    return found


Loc = tuple[str | int, ...]


def problems(schema: dict[str, Any], value: Any, loc: Loc = ("body",)) -> Iterator[dict[str, Any]]:
    """What is wrong, in the form in which the provider says it."""
    if "$ref" in schema:
        yield from problems(schema_named(schema["$ref"].rsplit("/", 1)[1]), value, loc)
    elif "anyOf" in schema:
        found = [list(problems(one, value, loc)) for one in schema["anyOf"]]
        yield from min(found, key=len)
    elif not _is(schema.get("type"), value):
        yield _problem(loc, f"{schema['type']}_type", f"Input should be a valid {schema['type']}")
    elif isinstance(value, dict):
        yield from _in_object(schema, value, loc)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from problems(schema.get("items", {}), item, (*loc, at))
    else:
        yield from _of_scalar(schema, value, loc)


def _is(kind: str | None, value: Any) -> bool:
    if kind is None:
        return True
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, KINDS[kind])


def _in_object(schema: dict[str, Any], value: dict[str, Any], loc: Loc) -> Iterator[dict[str, Any]]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield _problem((*loc, name), "missing", "Field required")
    for name, item in value.items():
        if name in properties:
            yield from problems(properties[name], item, (*loc, name))
        elif schema.get("additionalProperties") is False:
            yield _problem((*loc, name), "extra_forbidden", "Extra inputs are not permitted")


def _of_scalar(schema: dict[str, Any], value: Any, loc: Loc) -> Iterator[dict[str, Any]]:
    if "enum" in schema and value not in schema["enum"]:
        allowed = " or ".join(repr(one) for one in schema["enum"])
        yield _problem(loc, "enum", f"Input should be {allowed}")
    if "minimum" in schema and value < schema["minimum"]:
        least = f"Input should be greater than or equal to {schema['minimum']:g}"
        yield _problem(loc, "greater_than_equal", least)
    if "maximum" in schema and value > schema["maximum"]:
        most = f"Input should be less than or equal to {schema['maximum']:g}"
        yield _problem(loc, "less_than_equal", most)


def _problem(loc: Loc, kind: str, said: str) -> dict[str, Any]:
    return {"type": kind, "loc": list(loc), "msg": said}
