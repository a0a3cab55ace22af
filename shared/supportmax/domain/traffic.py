"""What is remembered of a request, so that sending it again does nothing twice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`status` is None while the first request is worked on; `body` is None where it is not kept."""

    fingerprint: bytes
    status: int | None
    content_type: str | None
    body: bytes | None
