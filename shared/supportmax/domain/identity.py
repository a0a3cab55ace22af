"""Second factors and OpenID Connect providers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The sealed secret of an authenticator app. It counts once it is confirmed. `last_step` was used already."""

    secret: bytes
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityProvider:
    """An OpenID Connect provider of a workspace. `client_secret` is sealed."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    client_secret: bytes | None
    redirect_uris: list[str]
    email_domains: list[str]
    joins_as: Literal["agent", "admin"] | None
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that went to the provider and is expected back."""

    state_hash: bytes
    browser_hash: bytes
    provider_id: UUID
    nonce: str
    verifier: str
    redirect_uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What a discovery document says, as far as signing in needs it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is."""

    subject: str
    email: str | None
    email_verified: bool
    name: str
