"""Request bodies are taken by their JSON types: "5" is no number, 0 is no boolean and no date."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core.core_schema import no_info_before_validator_function

_SCALARS = ("bool", "int", "float")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def by_json_type(schema: Any) -> Any:
    """A pydantic core schema whose numbers and booleans are strict.

    Texts already are. Ids and dates must not be: strict, they would be refused as the texts that JSON has for them.
    """
    if isinstance(schema, list):
        return [by_json_type(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in _SCALARS:
        return no_info_before_validator_function(_whole, {**schema, "strict": True})
    return {key: by_json_type(value) for key, value in schema.items()}


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _no_number(value: Any) -> Any:
    """Pydantic would take one for the seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _DATE.match(value)):
        raise ValueError("must begin with a date such as 2026-02-28")
    return value


Day = Annotated[date, BeforeValidator(_no_number)]
Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
