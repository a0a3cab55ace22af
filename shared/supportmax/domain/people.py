"""Who takes part: customers, agents and administrators, and the groups agents work in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Role = Literal["customer", "agent", "admin"]


@dataclass(frozen=True, slots=True)
class User:
    """A person of one workspace. `email` is lower case; only agents and admins can have a password."""

    id: UUID
    role: Role
    name: str
    email: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Agents who share a queue of tickets."""

    id: UUID
    name: str
    members: int = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's desk; every row belongs to one. `time_zone`: a name of the IANA database."""

    id: UUID
    slug: str
    name: str
    widget_key: str
    time_zone: str = "UTC"


def normal_email(address: str) -> str:
    """The form in which addresses are stored and compared."""
    return address.strip().lower()
