"""Fields that a workspace adds to its tickets."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from supportmax.domain.ids import new_id, parse_id
from supportmax.domain.ticket_fields import FieldType, TicketField
from supportmax.runtime.http import Administrator, Body, SignedIn, Tools
from supportmax.services.manage_fields import change_field, delete_field, make_field

router = APIRouter(tags=["Tickets"])
Label = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
# A comma parts values in a search.
Option = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^,\"]+$")]
Options = Annotated[list[Option], Field(max_length=200)]
FieldId = Annotated[str, Path(description="A field's id.", json_schema_extra={"format": "uuid"})]


class NewFieldBody(Body):
    """A field that every ticket of the workspace can have."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")] = Field(
        description="Its name in `custom_fields` and in a search (`field.plan:gold`); it stays."
    )
    label: Label
    type: FieldType = Field(description="It stays.")
    options: Options = Field(default_factory=list, description="The values of a `select` or `multi_select`.")
    required_to_solve: bool = False


class FieldChanges(Body):
    """What to change; a field that is left out stays. Tickets keep the values that they have."""

    label: Label | None = None
    options: Options | None = None
    required_to_solve: bool | None = None


class FieldView(Body):
    """A field of the workspace's own."""

    id: UUID
    key: str
    label: str
    type: FieldType
    options: list[str]
    required_to_solve: bool

    @classmethod
    def of(cls, field: TicketField) -> "FieldView":
        return cls(**{name: getattr(field, name) for name in cls.model_fields})


@router.get("/v1/ticket-fields", summary="List the workspace's own ticket fields")
async def list_ticket_fields(agent: SignedIn, tools: Tools) -> list[FieldView]:
    with tools.store.begin(agent.workspace_id) as tx:
        return [FieldView.of(field) for field in tx.ticket_fields.list()]


@router.post(
    "/v1/ticket-fields",
    status_code=201,
    summary="Add a ticket field",
    responses={409: {"description": "The key is taken."}},
)
async def add_ticket_field(body: NewFieldBody, agent: Administrator, tools: Tools) -> FieldView:
    with tools.store.begin(agent.workspace_id) as tx:
        return FieldView.of(make_field(tx, TicketField(id=new_id(), **body.model_dump()), agent.user))


@router.patch("/v1/ticket-fields/{field_id}", summary="Change a ticket field")
async def update_ticket_field(field_id: FieldId, body: FieldChanges, agent: Administrator, tools: Tools) -> FieldView:
    """Its key and type stay what they are."""
    given = body.model_dump(exclude_none=True)
    with tools.store.begin(agent.workspace_id) as tx:
        return FieldView.of(change_field(tx, parse_id(field_id, "ticket field"), given, agent.user))


@router.delete("/v1/ticket-fields/{field_id}", status_code=204, summary="Delete a ticket field")
async def remove_ticket_field(field_id: FieldId, agent: Administrator, tools: Tools) -> None:
    """Tickets keep their values for the record, but none can be set any more."""
    with tools.store.begin(agent.workspace_id) as tx:
        delete_field(tx, parse_id(field_id, "ticket field"), agent.user)
