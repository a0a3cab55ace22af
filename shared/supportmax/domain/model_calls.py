"""Calls of language models: where they come from, what they are for, what became of them."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Purpose = Literal["answer", "rewrite", "triage", "draft"]


@dataclass(frozen=True, slots=True)
class CallOrigin:
    """Whose turn it is. The limits count by session and by requester."""

    workspace_id: UUID
    turn_id: UUID
    session_id: UUID | None = None
    requester_id: UUID | None = None
    ticket_id: UUID | None = None
