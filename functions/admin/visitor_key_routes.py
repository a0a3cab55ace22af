"""Keys by which a host site vouches for its visitors."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field, StringConstraints

from supportmax.domain.ids import parse_id
from supportmax.domain.widgets import SigningAlgorithm, VisitorKey
from supportmax.runtime.http import (
    Administrator,
    AdministratorInPerson,
    After,
    Body,
    Limit,
    Tools,
    cursor,
    page,
)
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.services.verify_visitor import KeyWish, make_visitor_key, revoke_visitor_key

router = APIRouter(tags=["Widget"])
KeyId = Annotated[str, Path(description="A visitor key's id.", json_schema_extra={"format": "uuid"})]
Kid = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


class NewVisitorKey(Body):
    """With HS256 the desk makes the secret; with the others the host site keeps the private key to itself."""

    kid: Kid = Field(description="The key's name in the header of the tokens (`kid`).")
    algorithm: SigningAlgorithm
    public_key: Annotated[str, StringConstraints(max_length=5_000)] | None = Field(
        default=None, description="PEM; for RS256 (2048 bits at least), ES256 (P-256) and EdDSA (Ed25519)."
    )


class VisitorKeyView(Body):
    """A visitor key, without its secret."""

    id: UUID
    kid: str
    algorithm: SigningAlgorithm
    public_key: str | None
    created_by: UUID | None
    created_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: VisitorKey) -> "VisitorKeyView":
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class MadeVisitorKey(Body):
    """The only time that the secret is shown."""

    secret: str | None = Field(description="With HS256: sign with these characters. Keep it on the server.")
    audience: UUID = Field(description="The `aud` of the tokens: this workspace.")
    visitor_key: VisitorKeyView


class VisitorKeyPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    visitor_keys: list[VisitorKeyView]
    next_cursor: str | None


@router.post(
    "/v1/visitor-keys",
    status_code=201,
    summary="Make a visitor key",
    dependencies=[Depends(keep_no_answer)],
    responses={409: {"description": "There is a key with this `kid`."}},
)
async def create_visitor_key(body: NewVisitorKey, admin: AdministratorInPerson, tools: Tools) -> MadeVisitorKey:
    """Several may be in force at once: make the next one, let the host site sign with it, then revoke the one before.

    For administrators who are signed in.
    """
    wish = KeyWish(body.kid, body.algorithm, body.public_key)
    with tools.store.begin(admin.workspace_id) as tx:
        key, secret = make_visitor_key(tx, wish, tools.secret_box, admin)
    return MadeVisitorKey(secret=secret, audience=admin.workspace_id, visitor_key=VisitorKeyView.of(key))


@router.get("/v1/visitor-keys", summary="List visitor keys")
async def list_visitor_keys(
    admin: Administrator, tools: Tools, after: After = None, limit: Limit = 50
) -> VisitorKeyPage:
    """Newest first, revoked ones too. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        rows = tx.visitor_keys.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda key: key.id)
    return VisitorKeyPage(visitor_keys=[VisitorKeyView.of(key) for key in shown], next_cursor=next_cursor)


@router.delete("/v1/visitor-keys/{visitor_key_id}", status_code=204, summary="Revoke a visitor key")
async def delete_visitor_key(visitor_key_id: KeyId, admin: Administrator, tools: Tools) -> None:
    """Tokens signed with it begin no more chats; those that are under way go on. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        revoke_visitor_key(tx, parse_id(visitor_key_id, "visitor key"), admin)
