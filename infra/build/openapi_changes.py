"""What a new OpenAPI document takes away from those who use the old one.

Fields, endpoints and answers may be added. What a program sends must stay right, and what it reads must stay there.
"""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
METHODS = {"get", "put", "post", "patch", "delete"}
# Deep enough for every body of ours; a schema may contain itself.
DEPTH = 8


def breaking_changes(old: Json, new: Json) -> list[str]:
    """One line each, in the order of the old document; empty where nobody has to change anything."""
    return list(_Comparison(old, new).changes())


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new

    def changes(self) -> Iterator[str]:
        for path, methods in self._old["paths"].items():
            for method in METHODS & set(methods):
                where = f"{method.upper()} {path}"
                if method not in self._new["paths"].get(path, {}):
                    yield f"{where}: is gone"
                    continue
                yield from self._operation(where, methods[method], self._new["paths"][path][method])

    def _operation(self, where: str, old: Json, new: Json) -> Iterator[str]:
        yield from self._parameters(where, old, new)
        before, after = _body(old.get("requestBody")), _body(new.get("requestBody"))
        if before and after:
            yield from self._request(f"{where}: request", before, after, DEPTH)
        elif after and new["requestBody"].get("required"):
            yield f"{where}: now needs a body"
        for status, answer in old["responses"].items():
            if not status.startswith("2"):
                continue
            if status not in new["responses"]:
                yield f"{where}: does not answer {status} any more"
            elif before := _body(answer):
                yield from self._answer(f"{where}: {status}", before, _body(new["responses"][status]) or {}, DEPTH)

    def _parameters(self, where: str, old: Json, new: Json) -> Iterator[str]:
        before, after = (
            {(p["in"], p["name"]): p for p in self._resolved(document, operation)}
            for document, operation in ((self._old, old), (self._new, new))
        )
        for key, parameter in before.items():
            if key not in after:
                yield f"{where}: parameter {key[1]} is gone"
            else:
                place = f"{where}: parameter {key[1]}"
                yield from self._request(place, parameter["schema"], after[key]["schema"], DEPTH)
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{where}: parameter {key[1]} is now required"

    @staticmethod
    def _resolved(document: Json, operation: Json) -> Iterator[Json]:
        for parameter in operation.get("parameters", []):
            yield _followed(document, parameter)

    def _request(self, where: str, old: Json, new: Json, depth: int) -> Iterator[str]:
        """What was right to send must still be."""
        old, new = _plain(self._old, old), _plain(self._new, new)
        yield from self._narrowed(where, old, new)
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{where}: {name} is now required"
        for name in before:
            if name not in after and new.get("additionalProperties") is False:
                yield f"{where}: {name} is not taken any more"
        yield from self._inside(self._request, where, old, new, depth)

    def _answer(self, where: str, old: Json, new: Json, depth: int) -> Iterator[str]:
        """What was there to read must still be."""
        old, new = _plain(self._old, old), _plain(self._new, new)
        for name in old.get("properties", {}):
            if name not in new.get("properties", {}):
                yield f"{where}: {name} is gone"
            elif name in old.get("required", ()) and name not in new.get("required", ()):
                yield f"{where}: {name} may be missing now"
        if _types(old) and (added := _types(new) - _types(old)):
            yield f"{where}: may be {', '.join(sorted(added))} now"
        yield from self._inside(self._answer, where, old, new, depth)

    @staticmethod
    def _narrowed(where: str, old: Json, new: Json) -> Iterator[str]:
        if _types(new) and (lost := _types(old) - _types(new)):
            yield f"{where}: may not be {', '.join(sorted(lost))} any more"
        if "enum" in new and (lost := {*map(str, old.get("enum", ["any other"]))} - {*map(str, new["enum"])}):
            yield f"{where}: {', '.join(sorted(lost))} is not taken any more"
        for bound, tighter in _BOUNDS.items():
            if bound in new and (bound not in old or tighter * new[bound] > tighter * old[bound]):
                yield f"{where}: {bound} is {new[bound]} now"

    @staticmethod
    def _inside(compare: Any, where: str, old: Json, new: Json, depth: int) -> Iterator[str]:
        if not depth:
            return
        for name, schema in old.get("properties", {}).items():
            if name in new.get("properties", {}):
                yield from compare(f"{where}.{name}", schema, new["properties"][name], depth - 1)
        if "items" in old and "items" in new:
            yield from compare(f"{where}[]", old["items"], new["items"], depth - 1)


# A number beyond which a value is refused, and in which direction it gets tighter.
_BOUNDS = {
    "maximum": -1, "maxLength": -1, "maxItems": -1, "maxProperties": -1, "minimum": 1, "minLength": 1, "minItems": 1,
}  # fmt: skip


def _body(holder: Json | None) -> Json | None:
    content = (holder or {}).get("content", {}).get("application/json", {})
    schema: Json | None = content.get("schema")
    return schema


def _followed(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _plain(document: Json, schema: Json) -> Json:
    """Behind its references; of "something or null" the something, which may be null, too."""
    schema = _followed(document, schema)
    choices = [_plain(document, choice) for choice in (schema.get("anyOf") or schema.get("oneOf") or [])]
    if not choices:
        return schema
    types = sorted({name for choice in choices for name in _types(choice)})
    first = next((choice for choice in choices if choice.get("type") != "null"), {})
    return first | {"type": types}


def _types(schema: Json) -> set[str]:
    """What a value may be; empty for one that may be anything."""
    found = schema.get("type", ())
    return {found} if isinstance(found, str) else set(found)
