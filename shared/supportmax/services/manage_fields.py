"""Fields that a workspace adds to its tickets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from supportmax.domain.errors import Conflict, InvalidInput, NotFound
from supportmax.domain.people import User
from supportmax.domain.ticket_fields import CHOOSING, TicketField
from supportmax.ports import Transaction

MOST_FIELDS = 100


def make_field(tx: Transaction, field: TicketField, actor: User) -> TicketField:
    """Raises Conflict for a key that is taken, InvalidInput for options that do not fit the type."""
    _check_options(field)
    if len(tx.ticket_fields.list()) >= MOST_FIELDS:
        raise Conflict(f"A workspace has at most {MOST_FIELDS} ticket fields.")
    tx.ticket_fields.save(field)
    tx.audit.add(str(actor.id), "ticket_field.created", "ticket_field", field.id, {"key": field.key})
    return field


def change_field(tx: Transaction, field_id: UUID, changes: Mapping[str, Any], actor: User) -> TicketField:
    """Raises NotFound, and InvalidInput for options that do not fit the type."""
    field = replace(_get(tx, field_id), **changes)
    _check_options(field)
    tx.ticket_fields.save(field)
    detail = {name: str(value) for name, value in changes.items()}
    tx.audit.add(str(actor.id), "ticket_field.updated", "ticket_field", field.id, detail)
    return field


def delete_field(tx: Transaction, field_id: UUID, actor: User) -> None:
    """Raises NotFound."""
    field = _get(tx, field_id)
    tx.ticket_fields.delete(field.id)
    tx.audit.add(str(actor.id), "ticket_field.deleted", "ticket_field", field.id, {"key": field.key})


def _get(tx: Transaction, field_id: UUID) -> TicketField:
    for field in tx.ticket_fields.list():
        if field.id == field_id:
            return field
    raise NotFound("No such ticket field.")


def _check_options(field: TicketField) -> None:
    if (field.type in CHOOSING) != bool(field.options):
        raise InvalidInput(
            f"options: a field of type {field.type} {'needs' if field.type in CHOOSING else 'has no'} options"
        )
    if len(set(field.options)) < len(field.options):
        raise InvalidInput("options: one is there twice")
