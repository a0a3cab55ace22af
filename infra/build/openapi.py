"""`make openapi`: one OpenAPI document of all HTTP functions, which the admin function serves as /openapi.json.

Paths and schemas come from the code. `openapi.yaml` beside this file adds what people write: the introduction, the
tags, the words of each problem, the examples. A document that takes something away from those who use the API is not
written: openapi_changes.py.
"""

import json
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from infra.build.openapi_changes import breaking_changes
from infra.container.app import app

Json = dict[str, Any]

TARGET = Path(__file__).resolve().parents[2] / "functions" / "admin" / "openapi.json"
WORDS = Path(__file__).with_suffix(".yaml")
JSON = "application/json"
PROBLEM = "application/problem+json"
METHODS = {"get", "put", "post", "patch", "delete"}
SCHEMAS = "#/components/schemas/"
RESPONSES = "#/components/responses/"
KEY = "IdempotencyKey"
ALLOW = "--allow-breaking"


def build() -> Json:
    """The whole document."""
    words: Json = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    made = json.loads(json.dumps(app.openapi()))
    for method, operation in operations(made):
        _complete(operation, method, words)
    return {
        "openapi": made["openapi"],
        "info": made["info"] | words["info"],
        "servers": words["servers"],
        "tags": words["tags"],
        "paths": _sorted_by_tag(made["paths"], [tag["name"] for tag in words["tags"]]),
        "components": {
            "schemas": _schemas(made, words["problem"]),
            "parameters": {KEY: words["idempotencyKey"]},
            "responses": {w["name"]: _problem(w, w["description"]) for w in words["problems"].values()},
            "securitySchemes": words["securitySchemes"],
        },
    }


def text() -> str:
    """The document as it is stored."""
    return json.dumps(build(), indent=1, ensure_ascii=False) + "\n"


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """(method, operation) of every path."""
    for methods in document["paths"].values():
        yield from ((method, methods[method]) for method in methods if method in METHODS)


def _complete(operation: Json, method: str, words: Json) -> None:
    examples = words["examples"].get(operation["operationId"], {})
    operation["tags"] = operation["tags"][-1:]  # its own tag wins over that of its router
    for parameter in operation.get("parameters", []):
        _simplify(parameter)
    if method == "post" and _knows_its_caller(operation):
        operation.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{KEY}"})
    if "security" in operation:
        operation["security"] = [{name: []} for name in words["securitySchemes"]]
    if body := operation.get("requestBody"):
        body["content"][JSON]["example"] = examples["request"]
    operation["responses"] = _successes(operation, examples) | _problems(operation, words["problems"])


def _knows_its_caller(operation: Json) -> bool:
    """By a token, a key, the widget's key, or the session's token."""
    headers = {parameter["name"] for parameter in operation.get("parameters", [])}
    return "security" in operation or bool(headers & {"X-Widget-Key", "X-Session-Token"})


def _simplify(parameter: Json) -> None:
    """Headers in their usual spelling. A query cannot say null: what may be null is what may be left out."""
    if parameter["in"] == "header":
        parameter["name"] = parameter["name"].title()
    schema = parameter["schema"]
    if choices := [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]:
        schema |= choices[0]
    schema.pop("title", None)
    schema.pop("description", None)


def _successes(operation: Json, examples: Json) -> Json:
    """Answers with a model of their own; `/health` has one for 503, too."""
    found = {}
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if int(status) >= 400 and JSON not in content:
            continue
        if response["description"] == "Successful Response":
            response["description"] = HTTPStatus(int(status)).phrase
        if JSON in content:
            content[JSON]["example"] = examples[status] if status in examples else examples["response"]
        found[status] = response
    return found


def _problems(operation: Json, words: Json) -> Json:
    """What can go wrong follows from what the operation takes; what it declares itself comes on top."""
    declared = {
        status: response.get("description", "")
        for status, response in operation["responses"].items()
        if int(status) >= 400 and status != "422" and JSON not in response.get("content", {})
    }
    takes_key = any("$ref" in p for p in operation.get("parameters", []))
    possible = {
        "400": "requestBody" in operation,
        "401": "security" in operation,
        "403": "security" in operation,
        "404": any(p.get("in") == "path" for p in operation.get("parameters", [])),
        "422": takes_key
        or any(p.get("in") == "query" for p in operation.get("parameters", []))
        or "requestBody" in operation,
        "409": takes_key,
        "429": "security" in operation,
    }
    statuses = [*sorted({status for status, can in possible.items() if can} | set(declared)), "default"]
    common = {status: {"$ref": f"{RESPONSES}{words[status]['name']}"} for status in statuses}
    special = {status: _problem(words[status], declared[status]) for status in declared}
    return common | special


def _problem(words: Json, description: str) -> Json:
    content = {"schema": {"$ref": f"{SCHEMAS}Problem"}, "example": words["example"]}
    return {"description": description, "content": {PROBLEM: content}}


def _sorted_by_tag(paths: Json, tags: list[str]) -> Json:
    def rank(path: str) -> int:
        return min(tags.index(paths[path][method]["tags"][0]) for method in paths[path])

    return {path: paths[path] for path in sorted(paths, key=rank)}


def _schemas(made: Json, problem: Json) -> Json:
    """Those in use, without generated titles. Answers may grow new fields; in requests unknown ones are refused."""
    schemas = made["components"]["schemas"] | {"Problem": problem}
    sent = [operation.get("requestBody", {}) for _, operation in operations(made)]
    requests, used = _reachable(sent, schemas), _reachable(made["paths"], schemas) | {"Problem"}
    for name in used - requests:
        schemas[name].pop("additionalProperties", None)
    return {name: _untitled(schemas[name]) for name in sorted(used)}


def _reachable(part: Any, schemas: Json) -> set[str]:
    found: set[str] = set()
    waiting = _references(part)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return found


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        target = str(part.get("$ref", ""))
        own = [target.removeprefix(SCHEMAS)] if target.startswith(SCHEMAS) else []
        return own + [name for value in part.values() for name in _references(value)]
    return [name for item in part for name in _references(item)] if isinstance(part, list) else []


def _untitled(schema: Json) -> Json:
    """A generated title only repeats the field's name. (A field called `title` is a schema, not a string.)"""
    clean = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    for key, value in clean.items():
        if key == "properties":
            clean[key] = {name: _untitled(field) for name, field in value.items()}
        elif key in {"anyOf", "oneOf", "allOf"}:
            clean[key] = [_untitled(choice) for choice in value]
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            clean[key] = _untitled(value)
    return clean


def main(arguments: list[str]) -> None:
    """Raises SystemExit, and writes nothing, where the new document breaks what the old one promised."""
    new = text()
    broken = breaking_changes(json.loads(TARGET.read_text(encoding="utf-8")), json.loads(new))
    if broken and arguments != [ALLOW]:
        lines = "\n".join(f"  {change}" for change in broken)
        raise SystemExit(f"openapi: programs that use the API would break:\n{lines}\nIf it must be: {ALLOW}")
    TARGET.write_text(new, encoding="utf-8")
    print(f"openapi: {TARGET.relative_to(Path.cwd()) if TARGET.is_relative_to(Path.cwd()) else TARGET}")


if __name__ == "__main__":
    main(sys.argv[1:])
