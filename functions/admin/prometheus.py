"""The text format that Prometheus scrapes: https://prometheus.io/docs/instrumenting/exposition_formats/"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Value = int | float


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: a value for each value of its label, or one value under the label ""."""

    name: str
    help: str
    values: Mapping[str, Value]
    kind: Literal["gauge", "counter"] = "gauge"
    label: str = field(default="")

    def lines(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        for label, value in self.values.items():
            yield f"{self.name}{self._labelled(label)} {value}"

    def _labelled(self, label: str) -> str:
        escaped = label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{{{self.label}="{escaped}"}}' if self.label else ""


def exposition(families: list[Family]) -> str:
    """The whole answer."""
    return "".join(f"{line}\n" for family in families for line in family.lines())


def wants_text(accept: str) -> bool:
    """Whether a client asks for this format in particular; a browser, which takes anything, does not."""
    kinds = [kind.split(";")[0].strip() for kind in accept.lower().split(",")]
    return ("text/plain" in kinds or "application/openmetrics-text" in kinds) and "application/json" not in kinds
