"""API keys: how programs come in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from functions.admin.models import Name
from supportmax.domain.access import APIKey, Scope
from supportmax.domain.ids import parse_id
from supportmax.runtime.http import Administrator, AdministratorInPerson, After, Body, Limit, Tools, cursor, page
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.runtime.json_types import Moment
from supportmax.services.manage_people import KeyRequest, make_key, revoke_key

router = APIRouter(tags=["API keys"])
KeyId = Annotated[str, Path(description="An API key's id.", json_schema_extra={"format": "uuid"})]


class NewKey(Body):
    """What a program may do, and until when."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)] = Field(
        description="Writing includes reading; `admin` includes everything that an administrator may."
    )
    user_id: UUID | None = Field(default=None, description="Whom it acts as; you, if left out.")
    expires_at: Moment | None = Field(default=None, description="Null: it is good until it is revoked.")


class KeyView(Body):
    """An API key, without the key."""

    id: UUID
    name: str
    hint: str = Field(description="The key's last characters.")
    scopes: list[Scope]
    user_id: UUID = Field(description="Whom it acts as.")
    created_by: UUID | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: APIKey) -> "KeyView":
        return cls(**{name: getattr(key, name) for name in cls.model_fields})


class MadeKey(Body):
    """The only time that the key itself is shown."""

    key: str = Field(description="Send it as `Authorization: Bearer …`.")
    api_key: KeyView


class KeyPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    api_keys: list[KeyView]
    next_cursor: str | None


@router.post("/v1/api-keys", status_code=201, summary="Make an API key", dependencies=[Depends(keep_no_answer)])
async def create_api_key(body: NewKey, admin: AdministratorInPerson, tools: Tools) -> MadeKey:
    """It is shown once and stored as a hash. For administrators who are signed in, not for API keys."""
    wanted = KeyRequest(body.name, body.scopes, body.user_id or admin.user.id, body.expires_at)
    with tools.store.begin(admin.workspace_id) as tx:
        row, key = make_key(tx, wanted, admin)
    return MadeKey(key=key, api_key=KeyView.of(row))


@router.get("/v1/api-keys", summary="List API keys")
async def list_api_keys(admin: Administrator, tools: Tools, after: After = None, limit: Limit = 50) -> KeyPage:
    """Newest first, revoked and expired ones too. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        rows = tx.api_keys.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda key: key.id)
    return KeyPage(api_keys=[KeyView.of(key) for key in shown], next_cursor=next_cursor)


@router.get("/v1/api-keys/{key_id}", summary="Get an API key")
async def get_api_key(key_id: KeyId, admin: Administrator, tools: Tools) -> KeyView:
    """For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return KeyView.of(tx.api_keys.get(parse_id(key_id, "API key")))


@router.delete("/v1/api-keys/{key_id}", status_code=204, summary="Revoke an API key")
async def revoke_api_key(key_id: KeyId, admin: Administrator, tools: Tools) -> None:
    """At once and for good; it stays in the list. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        revoke_key(tx, parse_id(key_id, "API key"), admin)
