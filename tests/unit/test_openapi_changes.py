"""What counts as a change that breaks programs, and what does not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.build import openapi
from infra.build.openapi_changes import breaking_changes

Json = dict[str, Any]
BEFORE: Json = {
    "paths": {
        "/pets": {
            "post": {
                "parameters": [
                    {"name": "dry", "in": "query", "schema": {"type": "boolean"}},
                    {"$ref": "#/components/parameters/Key"},
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewPet"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
                },
            },
            "get": {"responses": {"200": {}}},
        }
    },
    "components": {
        "parameters": {"Key": {"name": "Key", "in": "header", "schema": {"type": "string", "maxLength": 20}}},
        "schemas": {
            "NewPet": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "maxLength": 50},
                    "kind": {"anyOf": [{"type": "string", "enum": ["cat", "dog"]}, {"type": "null"}]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            },
            "Pet": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string"},
                    "owner": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
                },
            },
            "Owner": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
    },
}
Change = Callable[[Json], Any]


def _new(document: Json) -> Json:
    found: Json = document["components"]["schemas"]["NewPet"]
    return found


def _pet(document: Json) -> Json:
    found: Json = document["components"]["schemas"]["Pet"]
    return found


def _post(document: Json) -> Json:
    found: Json = document["paths"]["/pets"]["post"]
    return found


BREAKING: list[tuple[Change, str]] = [
    (lambda d: d["paths"].clear(), "POST /pets: is gone"),
    (lambda d: d["paths"]["/pets"].pop("get"), "GET /pets: is gone"),
    (lambda d: _post(d)["responses"].pop("201"), "POST /pets: does not answer 201 any more"),
    (lambda d: _post(d)["parameters"].pop(0), "POST /pets: parameter dry is gone"),
    (lambda d: _post(d)["parameters"][0].update(required=True), "POST /pets: parameter dry is now required"),
    (
        lambda d: d["components"]["parameters"]["Key"]["schema"].update(maxLength=10),
        "POST /pets: parameter Key: maxLength is 10 now",
    ),
    (lambda d: _new(d)["required"].append("kind"), "POST /pets: request: kind is now required"),
    (lambda d: _new(d)["properties"].pop("tags"), "POST /pets: request: tags is not taken any more"),
    (
        lambda d: _new(d)["properties"]["kind"]["anyOf"][0]["enum"].remove("dog"),
        "POST /pets: request.kind: dog is not taken any more",
    ),
    (lambda d: _new(d)["properties"]["kind"]["anyOf"].pop(), "POST /pets: request.kind: may not be null any more"),
    (
        lambda d: _new(d)["properties"]["tags"]["items"].update(type="integer"),
        "POST /pets: request.tags[]: may not be string any more",
    ),
    (lambda d: _new(d)["properties"]["name"].update(minLength=1), "POST /pets: request.name: minLength is 1 now"),
    (lambda d: _pet(d)["properties"].pop("id"), "POST /pets: 201: id is gone"),
    (lambda d: _pet(d)["required"].clear(), "POST /pets: 201: id may be missing now"),
    (lambda d: _pet(d)["properties"]["id"].update(type=["string", "null"]), "POST /pets: 201.id: may be null now"),
    (
        lambda d: d["components"]["schemas"]["Owner"]["properties"].clear(),
        "POST /pets: 201.owner: name is gone",
    ),
]
HARMLESS: list[Change] = [
    lambda d: d["paths"].update({"/people": {"get": {"responses": {"200": {}}}}}),
    lambda d: _post(d)["parameters"].append({"name": "new", "in": "query", "schema": {"type": "string"}}),
    lambda d: _new(d)["properties"].update(age={"type": "integer"}),
    lambda d: _new(d)["properties"]["name"].update(maxLength=100),
    lambda d: _new(d)["required"].clear(),
    lambda d: _new(d)["properties"]["kind"]["anyOf"][0]["enum"].append("fish"),
    lambda d: _pet(d)["properties"].update(age={"type": "integer"}),
    lambda d: _pet(d)["required"].append("owner"),
    lambda d: _post(d)["responses"].update({"200": {}}),
]


def _changed(change: Change) -> Json:
    document = copy.deepcopy(BEFORE)
    change(document)
    return document


@pytest.mark.parametrize(("change", "said"), BREAKING)
def test_what_breaks_programs_is_said(change: Change, said: str) -> None:
    assert said in breaking_changes(BEFORE, _changed(change))


@pytest.mark.parametrize("change", HARMLESS)
def test_what_is_added_breaks_nobody(change: Change) -> None:
    assert breaking_changes(BEFORE, _changed(change)) == []


def test_a_document_that_breaks_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "openapi.json"
    promised = openapi.build()
    promised["paths"]["/v1/tickets"]["head"] = {"responses": {}}  # not one of ours: nothing to keep
    promised["paths"]["/v1/unicorns"] = {"get": {"responses": {"200": {}}}}
    target.write_text(json.dumps(promised), "utf-8")
    monkeypatch.setattr(openapi, "TARGET", target)
    with pytest.raises(SystemExit, match="GET /v1/unicorns: is gone"):
        openapi.main([])
    assert "unicorns" in target.read_text("utf-8")
    openapi.main([openapi.ALLOW])
    assert "unicorns" not in target.read_text("utf-8")
