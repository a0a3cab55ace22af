"""What a workspace's rules may name, and the values of placeholders for one ticket."""

from uuid import UUID

from supportmax.domain.errors import NotFound
from supportmax.domain.people import User
from supportmax.domain.rules.placeholders import render
from supportmax.domain.rules.vocabulary import CUSTOM, Known
from supportmax.domain.tickets import Ticket
from supportmax.ports import Transaction
from supportmax.services.answering.links import without_links


def known(tx: Transaction) -> Known:
    """What rules of this workspace may name."""
    return Known(
        agents=frozenset(user.id for user in tx.users.list("agent", "admin")),
        groups=frozenset(group.id for group in tx.groups.list()),
        categories=frozenset(label.name for label in tx.labels.list()),
        fields={field.key: field for field in tx.ticket_fields.list()},
    )


def fill_in(tx: Transaction, text: str, ticket: Ticket, agent: User | None = None) -> str:
    """The text as it is said about this ticket; `agent` is who says it."""
    return render(text, _values(tx, ticket, agent)) if "{{" in text else text


def _values(tx: Transaction, ticket: Ticket, agent: User | None) -> dict[str, str]:
    """What strangers chose, their name and subject, is one line without links: a machine may send it on."""
    requester, assignee = _person(tx, ticket.requester_id), _person(tx, ticket.assignee_id)
    group = next((g.name for g in tx.groups.list() if g.id == ticket.group_id), "") if ticket.group_id else ""
    name = without_links(requester.name) if requester else ""
    own = {f"ticket.{CUSTOM}{key}": _said(value) for key, value in ticket.custom_fields.items()}
    return own | {
        "ticket.number": str(ticket.number),
        "ticket.subject": without_links(ticket.subject),
        "ticket.status": ticket.status,
        "ticket.priority": ticket.priority,
        "ticket.category": ticket.category or "",
        "requester.name": name,
        "requester.first_name": _first(name),
        "requester.email": (requester.email or "") if requester else "",
        "assignee.name": assignee.name if assignee else "",
        "group.name": group,
        "agent.name": agent.name if agent else "",
        "agent.first_name": _first(agent.name) if agent else "",
        "workspace.name": tx.workspace.get().name,
    }


def _person(tx: Transaction, user_id: UUID | None) -> User | None:
    try:
        return tx.users.get(user_id) if user_id else None
    except NotFound:
        return None


def _first(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.strip() else ""


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return without_links(str(value))
