"""pgvector's text form, so that functions without numpy can read and write vectors."""

from supportmax.domain.knowledge import Vector


def to_text(vector: Vector) -> str:
    """`[0.1,0.2,…]`; six digits are more than the model's precision."""
    return "[" + ",".join(f"{number:.6g}" for number in vector) + "]"


def from_text(text: str) -> list[float]:
    return [float(number) for number in text.strip("[]").split(",")]
