"""Users and groups."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import Field

from functions.admin.models import Email, Name, Password, UserView
from supportmax.domain.ids import parse_id
from supportmax.domain.people import Group, Role
from supportmax.runtime.http import (
    Administrator,
    AdministratorInPerson,
    After,
    Body,
    Limit,
    SignedIn,
    Tools,
    cursor,
    page,
)
from supportmax.services.account_links import invite
from supportmax.services.check_ticket import check_members
from supportmax.services.manage_people import AccountChanges, change_account
from supportmax.services.second_factor import remove
from supportmax.services.sign_in import hash_password

router = APIRouter(tags=["People"])
UserId = Annotated[str, Path(description="A user's id.", json_schema_extra={"format": "uuid"})]


class NewUser(Body):
    """An agent or administrator. Without a password nobody can sign in as them until they took an invitation."""

    role: Literal["agent", "admin"] = "agent"
    name: Name
    email: Email
    password: Password | None = None
    invite: bool = Field(default=False, description="Mail them a link by which they choose a password.")


class UserChanges(Body):
    """What to change; a field that is left out stays."""

    name: Name | None = None
    role: Literal["agent", "admin"] | None = None
    active: bool | None = Field(default=None, description="False: tokens and API keys of theirs stop at once.")


class UserPage(Body):
    """In the order in which they came; `next_cursor` is null on the last page."""

    users: list[UserView]
    next_cursor: str | None


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


@router.get("/v1/me", summary="Who am I?")
async def get_me(agent: SignedIn, tools: Tools) -> UserView:
    """With an API key: whom it acts as."""
    with tools.store.begin(agent.workspace_id) as tx:
        return UserView.of(tx.accounts.get(agent.user.id))


@router.get("/v1/users", summary="List users")
async def list_users(
    agent: SignedIn, tools: Tools, role: Role | None = None, after: After = None, limit: Limit = 50
) -> UserPage:
    """Agents, administrators and customers of the workspace, or those with one role."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.accounts.list(role, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda account: account.id)
    return UserPage(users=[UserView.of(account) for account in shown], next_cursor=next_cursor)


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
        if body.invite and not body.password:
            invite(tx, user.id, str(admin.user.id))
        return UserView.of(tx.accounts.get(user.id))


@router.get("/v1/users/{user_id}", summary="Get a user")
async def get_user(user_id: UserId, agent: SignedIn, tools: Tools) -> UserView:
    with tools.store.begin(agent.workspace_id) as tx:
        return UserView.of(tx.accounts.get(parse_id(user_id, "user")))


@router.patch(
    "/v1/users/{user_id}",
    summary="Change a user",
    responses={409: {"description": "Nobody could administer the workspace any more."}},
)
async def update_user(user_id: UserId, body: UserChanges, admin: Administrator, tools: Tools) -> UserView:
    """Name, role, and whether they may sign in. The last administrator stays one. For administrators."""
    changes = AccountChanges(body.name, body.role, body.active)
    with tools.store.begin(admin.workspace_id) as tx:
        return UserView.of(change_account(tx, parse_id(user_id, "user"), changes, admin))


@router.post(
    "/v1/users/{user_id}/invitation",
    status_code=202,
    summary="Invite a user by mail",
    responses={409: {"description": "They have a password already, or may not sign in."}},
)
async def invite_user(user_id: UserId, admin: Administrator, tools: Tools) -> UserView:
    """A link for seven days, good once, by which they choose a password. For administrators."""
    wanted = parse_id(user_id, "user")
    with tools.store.begin(admin.workspace_id) as tx:
        invite(tx, wanted, str(admin.user.id))
        return UserView.of(tx.accounts.get(wanted))


@router.delete("/v1/users/{user_id}/second-factor", status_code=204, summary="Remove a user's second factor")
async def remove_users_second_factor(user_id: UserId, admin: AdministratorInPerson, tools: Tools) -> None:
    """For somebody who lost phone and recovery codes; their sessions end. For administrators, not for API keys."""
    wanted = parse_id(user_id, "user")
    with tools.store.begin(admin.workspace_id) as tx:
        tx.accounts.get(wanted)
        remove(tx, wanted, str(admin.user.id))
        tx.login_sessions.end_all(wanted)


@router.get("/v1/groups", summary="List groups")
async def list_groups(agent: SignedIn, tools: Tools) -> list[GroupView]:
    with tools.store.begin(agent.workspace_id) as tx:
        return [GroupView.of(group) for group in tx.groups.list()]


@router.post("/v1/groups", status_code=201, summary="Make a group, or add members to it")
async def save_group(body: NewGroup, admin: Administrator, tools: Tools) -> GroupView:
    """How it gives its tickets out says `PATCH /v1/groups/{group_id}`. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        check_members(tx, body.member_ids)
        group = tx.groups.save(body.name, body.member_ids)
        tx.audit.add(str(admin.user.id), "group.saved", "group", group.id, {"name": group.name})
    return GroupView.of(group)
