"""What agents keep to be said or done again: macros and canned replies."""

from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.rules.actions import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """Actions under a name. `owner_id` None: everybody's."""

    id: UUID
    name: str
    actions: tuple[Action, ...]
    owner_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CannedReply:
    """A text with placeholders, found by a short code such as `refund`. `owner_id` None: everybody's."""

    id: UUID
    short_code: str
    text: str
    owner_id: UUID | None
