"""Chat widgets: the keys that pages hold, the origins they may be used from, and how host sites vouch for visitors."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from supportmax.domain.errors import InvalidInput

SigningAlgorithm = Literal["HS256", "RS256", "ES256", "EdDSA"]
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\]")


@dataclass(frozen=True, slots=True)
class WidgetKey:
    """A public key of a page with the widget. `former_key` is good until `former_until`."""

    id: UUID
    name: str
    key: str
    former_key: str | None
    former_until: datetime | None
    allowed_origins: list[str]
    created_by: UUID | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VisitorKey:
    """A key with which a host site signs who its visitors are. `secret` is encrypted, `public_key` is PEM."""

    id: UUID
    kid: str
    algorithm: SigningAlgorithm
    secret: bytes | None
    public_key: str | None
    created_by: UUID | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


def normal_origin(text: str) -> str:
    """An allowed origin as browsers would send it. Raises InvalidInput for what is none."""
    try:
        parts = urlsplit(text.strip().lower())
        host, port = parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}"), parts.port
    except ValueError:
        raise _no_origin(text) from None
    bare = parts.scheme in _PORTS and parts.path in {"", "/"} and not (parts.query or parts.fragment)
    if not bare or "@" in parts.netloc or not _HOST.fullmatch(host):
        raise _no_origin(text)
    if host.startswith("*.") and "." not in host[2:]:
        raise InvalidInput(f"allowed_origins: {text!r} would allow everybody's pages below {host[1:]}")
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, _PORTS[parts.scheme]} else "")


def patterns_of(origin: str) -> list[str]:
    """The allowed origins that allow a page of this one: itself, and every domain above it with a star."""
    scheme, _, rest = origin.lower().partition("://")
    labels = rest.split(".")
    return [origin.lower(), *(f"{scheme}://*.{'.'.join(labels[n:])}" for n in range(1, len(labels)))]


def _no_origin(text: str) -> InvalidInput:
    return InvalidInput(
        f"allowed_origins: {text[:100]!r} is no origin; write https://shop.example.com or https://*.example.com"
    )
