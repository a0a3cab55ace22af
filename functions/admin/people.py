"""Sign-in, users and groups."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from supportmax.domain.people import Group, Role, User
from supportmax.runtime.http import Administrator, Body, SignedIn, Tools
from supportmax.services.check_ticket import check_members
from supportmax.services.sign_in import hash_password, sign_in

router = APIRouter(tags=["People"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Password = Annotated[str, StringConstraints(min_length=10, max_length=200, strip_whitespace=False)]


class Credentials(Body):
    """Address and password of an agent or administrator."""

    email: Annotated[str, StringConstraints(max_length=254)]
    password: Annotated[str, StringConstraints(max_length=200, strip_whitespace=False)]


class Token(Body):
    """Send it as `Authorization: Bearer …`; `expires_in` in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"
    expires_in: int = Field(description="Seconds.")


class UserView(Body):
    """A person of the workspace."""

    id: UUID
    role: Role
    name: str
    email: str | None
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserView":
        return cls(id=user.id, role=user.role, name=user.name, email=user.email, created_at=user.created_at)


class NewUser(Body):
    """An agent or administrator. Without a password nobody can sign in as them yet."""

    role: Literal["agent", "admin"] = "agent"
    name: Name
    email: Email
    password: Password | None = None


class GroupView(Body):
    """Agents who share a queue."""

    id: UUID
    name: str
    members: int

    @classmethod
    def of(cls, group: Group) -> "GroupView":
        return cls(id=group.id, name=group.name, members=group.members)


class NewGroup(Body):
    """A group and its members; an existing one gets the members added."""

    name: Name
    member_ids: Annotated[list[UUID], Field(max_length=500, default_factory=list)]


@router.post(
    "/v1/auth/token",
    summary="Sign in",
    operation_id="sign_in",
    responses={401: {"description": "Wrong e-mail address or password."}},
)
async def token(body: Credentials, tools: Tools) -> Token:
    """A token for eight hours. Passwords are stored as argon2id hashes."""
    access, seconds = sign_in(tools.store, tools.workspace(), body.email, body.password, tools.token_secret)
    return Token(access_token=access, expires_in=seconds)


@router.get("/v1/me", summary="Who am I?")
async def get_me(agent: SignedIn) -> UserView:
    return UserView.of(agent.user)


@router.get("/v1/users", summary="List users")
async def list_users(agent: SignedIn, tools: Tools, role: Role | None = None) -> list[UserView]:
    """Agents, administrators and customers of the workspace, or those with one role."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [UserView.of(user) for user in tx.users.list(role)]


@router.post(
    "/v1/users",
    status_code=201,
    summary="Add an agent",
    responses={409: {"description": "Somebody has this e-mail address."}},
)
async def create_user(body: NewUser, admin: Administrator, tools: Tools) -> UserView:
    """An agent or another administrator. For administrators."""
    secret = hash_password(body.password) if body.password else None
    with tools.store.begin(admin.workspace_id) as tx:
        user = tx.users.add(body.role, body.name, body.email, secret)
        tx.audit.add(str(admin.user.id), "user.created", "user", user.id, {"role": user.role})
    return UserView.of(user)


@router.get("/v1/groups", summary="List groups")
async def list_groups(agent: SignedIn, tools: Tools) -> list[GroupView]:
    with tools.store.begin(agent.workspace_id) as tx:
        return [GroupView.of(group) for group in tx.groups.list()]


@router.post("/v1/groups", status_code=201, summary="Make a group, or add members to it")
async def save_group(body: NewGroup, admin: Administrator, tools: Tools) -> GroupView:
    """Tickets of a group go to its least-loaded member. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        check_members(tx, body.member_ids)
        group = tx.groups.save(body.name, body.member_ids)
        tx.audit.add(str(admin.user.id), "group.saved", "group", group.id, {"name": group.name})
    return GroupView.of(group)
