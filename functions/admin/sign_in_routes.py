"""Signing in and out, the sessions that follow from it, and passwords."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field

from functions.admin.models import Code, Email, GivenPassword, Password, Slug, Token, TokenView, UserView
from supportmax.domain.access import LoginSession, SignInMethod, Visit
from supportmax.domain.errors import NotFound, Unauthorized
from supportmax.domain.ids import parse_id
from supportmax.runtime.container import Container
from supportmax.runtime.http import Body, InPerson, Tools, Visitor
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.runtime.rate_limits import address_of
from supportmax.services.account_links import ask_for_reset, check_new_password, set_password_by_link
from supportmax.services.sign_in import Door, SignIn, change_password, refresh, sign_in

router = APIRouter(tags=["Signing in"], dependencies=[Depends(keep_no_answer)])
SLOW: dict[int | str, dict[str, Any]] = {
    429: {"description": "Too many attempts; `Retry-After` says how many seconds to wait."}
}


class Credentials(Body):
    """Address and password of an agent or administrator."""

    email: Annotated[str, Field(max_length=254)]
    password: GivenPassword
    workspace: Slug | None = Field(default=None, description="Its slug; the default workspace if left out.")
    code: Code | None = Field(default=None, description="With a second factor: six digits, or a recovery code.")


class RefreshRequest(Body):
    """The newest refresh token of a session."""

    refresh_token: Token


class SessionView(Body):
    """Where somebody is signed in."""

    id: UUID
    method: SignInMethod
    address: str = Field(description="The IP address from which they signed in.")
    user_agent: str
    current: bool = Field(description="Whether this request belongs to it.")
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: LoginSession, current: UUID | None) -> "SessionView":
        own = cls.model_fields.keys() - {"current"}
        return cls(current=session.id == current, **{name: getattr(session, name) for name in own})


class PasswordChange(Body):
    """Your password, and the one that takes its place."""

    current_password: GivenPassword
    new_password: Password


class ResetRequest(Body):
    """Whose password is forgotten."""

    email: Email
    workspace: Slug | None = Field(default=None, description="Its slug; the default workspace if left out.")


class NewPassword(Body):
    """The token from the mail, and the password from now on."""

    token: Token
    password: Password


def door(tools: Container, workspace_id: UUID) -> Door:
    return Door(tools.store, workspace_id, tools.token_secret, tools.secret_box)


@router.post(
    "/v1/auth/token",
    summary="Sign in",
    operation_id="sign_in",
    responses={401: {"description": "Wrong e-mail address or password, or a code is needed."}, **SLOW},
)
async def token(body: Credentials, tools: Tools, visit: Visitor) -> TokenView:
    """A token for eight hours, and one with which to get the next for 30 days.

    Somebody with a second factor gets `urn:supportmax:problem:second-factor-needed` without a right `code`.
    """
    workspace_id = tools.workspace_named(body.workspace)
    if workspace_id is None:
        raise Unauthorized("There is no such workspace.")
    claim = SignIn(body.email, body.password, visit, body.code)
    return TokenView.of(sign_in(door(tools, workspace_id), claim))


@router.post(
    "/v1/auth/refresh",
    summary="Get the next tokens",
    responses={401: {"description": "The session has ended, or the token was used before."}, **SLOW},
)
async def refresh_tokens(body: RefreshRequest, tools: Tools, visit: Visitor) -> TokenView:
    """A refresh token is good once. One that comes back later ends its session: two people have it."""
    return TokenView.of(refresh(tools.store, body.refresh_token, tools.token_secret))


@router.get("/v1/auth/sessions", summary="List where you are signed in")
async def list_login_sessions(me: InPerson, tools: Tools) -> list[SessionView]:
    """Newest first. For people, not for API keys."""
    with tools.store.begin(me.workspace_id) as tx:
        return [SessionView.of(session, me.login_session_id) for session in tx.login_sessions.alive(me.user.id)]


@router.delete("/v1/auth/sessions/{login_session_id}", status_code=204, summary="Sign out somewhere")
async def end_login_session(
    login_session_id: Annotated[
        str, Path(description="A session of yours; this one, to sign out.", json_schema_extra={"format": "uuid"})
    ],
    me: InPerson,
    tools: Tools,
) -> None:
    """Its tokens stop at once."""
    with tools.store.begin(me.workspace_id) as tx:
        if not tx.login_sessions.end(me.user.id, parse_id(login_session_id, "session")):
            raise NotFound("No such session.")


@router.delete("/v1/auth/sessions", status_code=204, summary="Sign out everywhere else")
async def end_other_login_sessions(me: InPerson, tools: Tools) -> None:
    """All your sessions but this one end."""
    with tools.store.begin(me.workspace_id) as tx:
        tx.login_sessions.end_all(me.user.id, but=me.login_session_id)


@router.put("/v1/auth/password", status_code=204, summary="Change your password", responses={**SLOW})
async def replace_password(body: PasswordChange, request: Request, me: InPerson, tools: Tools) -> None:
    """All your other sessions end."""
    check_new_password(body.new_password, me.user.email)
    visit = Visit(address_of(request), request.headers.get("user-agent", ""))
    claim = SignIn(me.user.email or "", body.current_password, visit)
    change_password(door(tools, me.workspace_id), me.user, me.login_session_id, claim, body.new_password)


@router.post("/v1/auth/password-resets", status_code=202, summary="Ask for a new password", responses={**SLOW})
async def ask_for_new_password(body: ResetRequest, tools: Tools, visit: Visitor) -> None:
    """Whoever has this address gets a mail with a link, good once and for an hour. The answer is always the same."""
    if workspace_id := tools.workspace_named(body.workspace):
        ask_for_reset(tools.store, workspace_id, body.email)


@router.post(
    "/v1/auth/password-resets/confirm",
    summary="Choose a new password",
    responses={401: {"description": "The link was used, or has expired."}, **SLOW},
)
async def reset_password(body: NewPassword, tools: Tools, visit: Visitor) -> UserView:
    """With the token from the mail. All sessions end; then sign in."""
    return UserView.of(
        set_password_by_link(tools.store, body.token, "password-reset", body.password, tools.token_secret, visit)
    )


@router.post(
    "/v1/auth/invitations/accept",
    summary="Accept an invitation",
    responses={401: {"description": "The link was used, or has expired."}, **SLOW},
)
async def accept_invitation(body: NewPassword, tools: Tools, visit: Visitor) -> UserView:
    """With the token from the mail and a password of your choice. Then sign in."""
    return UserView.of(
        set_password_by_link(tools.store, body.token, "invitation", body.password, tools.token_secret, visit)
    )
