"""Is a value what a JSON schema asks for? The few keywords that our schemas use."""

from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def mismatch(value: Any, schema: dict[str, Any], where: str = "answer") -> str | None:
    """What is wrong, in a few words that name the place; None if nothing is."""
    kind = schema.get("type")
    if kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return f"{where} is no {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is none of the allowed values"
    if isinstance(value, list):
        places = (mismatch(item, schema.get("items", {}), f"{where}[{n}]") for n, item in enumerate(value))
        return next(filter(None, places), None)
    return _object_mismatch(value, schema, where) if isinstance(value, dict) else None


def _object_mismatch(value: dict[str, Any], schema: dict[str, Any], where: str) -> str | None:
    missing = next((name for name in schema.get("required", ()) if name not in value), None)
    if missing is not None:
        return f"{where}.{missing} is missing"
    known = schema.get("properties", {})
    if schema.get("additionalProperties") is False and (extra := value.keys() - known.keys()):
        return f"{where} has {len(extra)} unknown fields"
    places = (mismatch(value[name], rule, f"{where}.{name}") for name, rule in known.items() if name in value)
    return next(filter(None, places), None)
