"""Fields that several of the people and access endpoints share."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from supportmax.domain.access import Account, Grant
from supportmax.domain.people import Role
from supportmax.runtime.http import Body

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Password = Annotated[str, StringConstraints(min_length=10, max_length=200, strip_whitespace=False)]
GivenPassword = Annotated[str, StringConstraints(max_length=200, strip_whitespace=False)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Token = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class TokenView(Body):
    """Send `access_token` as `Authorization: Bearer …`; `refresh_token` gets the next ones. Times in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Seconds.")
    refresh_token: str = Field(description="Good once, at `POST /v1/auth/refresh`.")
    refresh_expires_in: int = Field(description="Seconds until one has to sign in again.")
    session_id: UUID = Field(description="Ends the tokens when it is deleted.")

    @classmethod
    def of(cls, grant: Grant) -> "TokenView":
        return cls(
            access_token=grant.access_token,
            expires_in=grant.expires_in,
            refresh_token=grant.refresh_token,
            refresh_expires_in=grant.refresh_expires_in,
            session_id=grant.login_session_id,
        )


class UserView(Body):
    """A person of the workspace."""

    id: UUID
    role: Role
    name: str
    email: str | None
    active: bool = Field(description="False: they may not sign in any more, and their API keys are dead.")
    has_password: bool = Field(description="False: invited and not here yet, or signed in by an identity provider.")
    has_second_factor: bool
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> "UserView":
        return cls(
            id=account.id,
            role=account.role,
            name=account.name,
            email=account.email,
            active=account.deactivated_at is None,
            has_password=account.has_password,
            has_second_factor=account.has_second_factor,
            created_at=account.created_at,
        )
