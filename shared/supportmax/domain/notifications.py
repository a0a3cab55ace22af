"""What people are told, and how they want to hear of it."""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

NoticeKind = Literal[
    "assigned",
    "mentioned",
    "customer_replied",
    "note_added",
    "sla_warning",
    "waiting",
    "rated_bad",
    "rule",
    "webhook_disabled",
    "budget",
    "other",
]
KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)
# Of what somebody waits for them alone, people hear by mail, too, until they decide otherwise.
MAILED: frozenset[NoticeKind] = frozenset({"assigned", "mentioned", "sla_warning", "webhook_disabled"})


@dataclass(frozen=True, slots=True)
class Preference:
    """How somebody hears of one kind of thing."""

    kind: NoticeKind
    in_app: bool
    mail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notification that is to be mailed."""

    id: UUID
    user_id: UUID
    ticket_id: UUID | None
    text: str


def with_defaults(chosen: list[Preference]) -> list[Preference]:
    """One for every kind, in their order."""
    by_kind = {preference.kind: preference for preference in chosen}
    return [by_kind.get(kind) or Preference(kind, in_app=True, mail=kind in MAILED) for kind in KINDS]
