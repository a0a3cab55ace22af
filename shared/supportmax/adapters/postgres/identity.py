"""Second factors, identity providers, and who their subjects are."""

from datetime import datetime
from uuid import UUID

from supportmax.adapters.postgres.repository import Repository, columns
from supportmax.domain.errors import Conflict, NotFound
from supportmax.domain.identity import Attempt, IdentityProvider, SecondFactor
from supportmax.domain.ids import new_id


class SecondFactors(Repository):
    file = "identity"

    def get(self, user_id: UUID) -> SecondFactor | None:
        return self.maybe(SecondFactor, "get_factor", user_id=user_id)

    def put(self, user_id: UUID, secret: bytes) -> None:
        self.send("put_factor", user_id=user_id, secret=secret)

    def confirm(self, user_id: UUID, step: int) -> None:
        self.send("confirm_factor", user_id=user_id, step=step)

    def note_step(self, user_id: UUID, step: int) -> None:
        self.send("note_step", user_id=user_id, step=step)

    def remove(self, user_id: UUID) -> bool:
        self.send("remove_codes", user_id=user_id)
        return self.run("remove_factor", user_id=user_id) == 1


class RecoveryCodes(Repository):
    file = "identity"

    def replace(self, user_id: UUID, hashes: list[bytes]) -> None:
        self.send("remove_codes", user_id=user_id)
        self.run_many("add_code", [{"id": new_id(), "user_id": user_id, "code_hash": each} for each in hashes])

    def use(self, user_id: UUID, code_hash: bytes) -> bool:
        return self.run("use_code", user_id=user_id, code_hash=code_hash) == 1

    def left(self, user_id: UUID) -> int:
        return int(self.value("codes_left", user_id=user_id))


class IdentityProviders(Repository):
    file = "identity"

    def save(self, provider: IdentityProvider) -> None:
        if self.value("provider_named", name=provider.name) not in {None, provider.id}:
            raise Conflict(f"There is an identity provider named {provider.name!r} already.")
        self.send("save_provider", **columns(provider))

    def get(self, provider_id: UUID) -> IdentityProvider:
        found = self.maybe(IdentityProvider, "get_provider", id=provider_id)
        if found is None:
            raise NotFound("No such identity provider.")
        return found

    def list(self) -> list[IdentityProvider]:
        return self.many(IdentityProvider, "list_providers")

    def delete(self, provider_id: UUID) -> None:
        if not self.run("delete_provider", id=provider_id):
            raise NotFound("No such identity provider.")


class OIDCAttempts(Repository):
    file = "identity"

    def add(self, attempt: Attempt) -> None:
        self.send("add_attempt", **columns(attempt))

    def take(self, state_hash: bytes) -> Attempt | None:
        return self.maybe(Attempt, "take_attempt", state_hash=state_hash)

    def prune(self, before: datetime) -> int:
        return self.run("prune_attempts", before=before)


class Identities(Repository):
    file = "identity"

    def user_of(self, provider_id: UUID, subject: str) -> UUID | None:
        found = self.value("user_of", provider_id=provider_id, subject=subject)
        return found if isinstance(found, UUID) else None

    def link(self, provider_id: UUID, subject: str, user_id: UUID) -> None:
        self.send("link", provider_id=provider_id, subject=subject, user_id=user_id)
