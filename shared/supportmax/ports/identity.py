"""Second factors, and signing in through somebody else."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from supportmax.domain.identity import Attempt, IdentityProvider, ProviderMetadata, SecondFactor


class SecondFactors(Protocol):
    def get(self, user_id: UUID) -> SecondFactor | None:
        """Locked, so that a code is good once."""

    def put(self, user_id: UUID, secret: bytes) -> None:
        """A new secret that is not confirmed yet, in place of one that is not either."""

    def confirm(self, user_id: UUID, step: int) -> None: ...
    def note_step(self, user_id: UUID, step: int) -> None: ...
    def remove(self, user_id: UUID) -> bool:
        """With the recovery codes; False if there was none."""


class RecoveryCodes(Protocol):
    def replace(self, user_id: UUID, hashes: list[bytes]) -> None: ...
    def use(self, user_id: UUID, code_hash: bytes) -> bool:
        """True once."""

    def left(self, user_id: UUID) -> int: ...


class IdentityProviders(Protocol):
    def save(self, provider: IdentityProvider) -> None:
        """Raises Conflict if another one has the name."""

    def get(self, provider_id: UUID) -> IdentityProvider:
        """Raises NotFound."""

    def list(self) -> list[IdentityProvider]: ...
    def delete(self, provider_id: UUID) -> None:
        """Raises NotFound."""


class OIDCAttempts(Protocol):
    def add(self, attempt: Attempt) -> None: ...
    def take(self, state_hash: bytes) -> Attempt | None:
        """It is gone then. None if there is none, or it came back too late."""

    def prune(self, before: datetime) -> int: ...


class Identities(Protocol):
    def user_of(self, provider_id: UUID, subject: str) -> UUID | None: ...
    def link(self, provider_id: UUID, subject: str, user_id: UUID) -> None: ...


class OpenIDProvider(Protocol):
    """A provider on the other side of HTTP. Failures are PermanentFailure or TransientFailure, in words for people."""

    def metadata(self, issuer: str) -> ProviderMetadata: ...
    def exchange(self, metadata: ProviderMetadata, form: dict[str, str], secret: str | None) -> str:
        """The ID token that the provider gives for a code."""

    def signing_key(self, metadata: ProviderMetadata, key_id: str | None, algorithm: str) -> object:
        """The public key with that id; looked up again when it is not among those known."""


class SecretBox(Protocol):
    """Encrypts what must be read again. `owner` is bound in: a value copied to another row does not open."""

    def seal(self, plain: bytes, owner: UUID) -> bytes: ...
    def open(self, sealed: bytes, owner: UUID) -> bytes:
        """Raises PermanentFailure if it was sealed under another secret or for another owner."""
