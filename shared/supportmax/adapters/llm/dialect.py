"""What one server understands. Each refusal of a parameter is remembered, so that it happens once."""

import json
from typing import Any

FORMATS = ("json_schema", "json_object", "text")
OPTIONAL = ("temperature", "seed", "stream_options", "stream")


class Dialect:
    """The request's parameters as far as the server takes them; it begins with what OpenAI takes."""

    def __init__(self) -> None:
        self._format = 0
        self._left_out: set[str] = set()
        self._length = "max_completion_tokens"
        self._spelled_out = False

    def request(
        self, system: str, user: str, schema: dict[str, Any], output_tokens: int, stream: bool
    ) -> dict[str, Any]:
        """Everything but the model's name."""
        wanted: dict[str, Any] = {"temperature": 0, **self._response_format(schema)}
        if self._length:
            wanted[self._length] = output_tokens
        if stream:
            wanted |= {"stream": True, "stream_options": {"include_usage": True}}
        parameters = {name: value for name, value in wanted.items() if name not in self._left_out}
        if self._spelled_out or FORMATS[self._format] != "json_schema":
            system = f"{system}\n\nAnswer with one JSON object and nothing else. Its JSON schema:\n{json.dumps(schema)}"
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        return {"messages": messages, **parameters}

    def _response_format(self, schema: dict[str, Any]) -> dict[str, Any]:
        kind = FORMATS[self._format]
        if kind == "text":
            return {}
        if kind == "json_object":
            return {"response_format": {"type": "json_object"}}
        return {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
            }
        }

    def adapt(self, complaint: str, request: dict[str, Any]) -> bool:
        """Do without what the server complains about. False when it names nothing that we could leave out."""
        said = complaint.lower()
        if "max_tokens" in said or "max_completion_tokens" in said:
            return self._other_length()
        if named := next((name for name in OPTIONAL if name in said and name in request), None):
            self._left_out.add(named)
            return True
        about_format = any(word in said for word in ("response_format", "json_schema", "json_object", "schema"))
        return about_format and self._simpler_format()

    def spell_out(self) -> None:
        """After an answer that does not fit: some servers take a schema and ignore it, so say it in words, too."""
        self._spelled_out = True

    def _other_length(self) -> bool:
        following = {"max_completion_tokens": "max_tokens", "max_tokens": ""}
        if self._length not in following:
            return False
        self._length = following[self._length]
        return True

    def _simpler_format(self) -> bool:
        if self._format == len(FORMATS) - 1:
            return False
        self._format += 1
        return True
