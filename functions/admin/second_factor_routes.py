"""Your second factor: an authenticator app, and recovery codes for when the phone is lost."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from functions.admin.models import Code
from supportmax.domain.access import Caller
from supportmax.domain.errors import Forbidden, TooManyRequests
from supportmax.runtime.container import Container
from supportmax.runtime.http import Body, InPerson, Tools
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.services import second_factor
from supportmax.services.slow_down_guessing import guesses_of

router = APIRouter(tags=["Signing in"], dependencies=[Depends(keep_no_answer)])
WRONG: dict[int | str, dict[str, Any]] = {403: {"description": "The code is wrong, or you are an API key."}}


class SecondFactorView(Body):
    """Whether it is in force, and how many recovery codes are left."""

    active: bool
    recovery_codes_left: int


class EnrolmentView(Body):
    """Show `uri` as a QR code, or let people type `secret`."""

    secret: str
    uri: Annotated[str, Field(description="otpauth://…")]


class CodeBody(Body):
    """Six digits of the authenticator app; where a factor is in force, a recovery code does as well."""

    code: Code


class RecoveryCodes(Body):
    """Each is good once, in place of six digits. They are shown now and never again."""

    recovery_codes: list[str]


@router.get("/v1/auth/second-factor", summary="See your second factor")
async def get_second_factor(me: InPerson, tools: Tools) -> SecondFactorView:
    with tools.store.begin(me.workspace_id) as tx:
        factor = tx.second_factors.get(me.user.id)
        left = tx.recovery_codes.left(me.user.id)
    return SecondFactorView(active=bool(factor and factor.confirmed_at), recovery_codes_left=left)


@router.post(
    "/v1/auth/second-factor",
    status_code=201,
    summary="Begin with a second factor",
    responses={409: {"description": "You have one already."}},
)
async def begin_second_factor(me: InPerson, tools: Tools) -> EnrolmentView:
    """A secret for your authenticator app (RFC 6238). It counts once you have confirmed it with a code."""
    with tools.store.begin(me.workspace_id) as tx:
        made = second_factor.begin(tx, tools.secret_box, me.user, tx.workspace.get().name)
    return EnrolmentView(secret=made.secret, uri=made.uri)


@router.post(
    "/v1/auth/second-factor/confirm",
    summary="Confirm your second factor",
    responses={404: {"description": "Begin first."}, 409: {"description": "You have one already."}, **WRONG},
)
async def confirm_second_factor(body: CodeBody, me: InPerson, tools: Tools) -> RecoveryCodes:
    """From now on signing in takes a code. Keep the recovery codes where your phone is not."""
    _slow(me, tools)
    with tools.store.begin(me.workspace_id) as tx:
        codes = second_factor.confirm(tx, tools.secret_box, me.user, body.code)
    if codes is None:
        raise Forbidden("code: not the one that your app shows now")
    return RecoveryCodes(recovery_codes=codes)


@router.post("/v1/auth/second-factor/recovery-codes", summary="Get new recovery codes", responses={**WRONG})
async def renew_recovery_codes(body: CodeBody, me: InPerson, tools: Tools) -> RecoveryCodes:
    """Those until now are void."""
    _slow(me, tools)
    with tools.store.begin(me.workspace_id) as tx:
        second_factor.require(tx, tools.secret_box, me.user.id, body.code)
        codes = second_factor.new_recovery_codes(tx, me.user.id)
        tx.audit.add(str(me.user.id), "recovery_codes.renewed", "user", me.user.id, {})
    return RecoveryCodes(recovery_codes=codes)


@router.post(
    "/v1/auth/second-factor/remove",
    status_code=204,
    summary="Remove your second factor",
    responses={404: {"description": "You have none."}, **WRONG},
)
async def remove_second_factor(body: CodeBody, me: InPerson, tools: Tools) -> None:
    """With a code, so that an unwatched screen is not enough."""
    _slow(me, tools)
    with tools.store.begin(me.workspace_id) as tx:
        second_factor.require(tx, tools.secret_box, me.user.id, body.code)
        second_factor.remove(tx, me.user.id, str(me.user.id))


def _slow(me: Caller, tools: Container) -> None:
    with tools.store.begin(me.workspace_id) as tx:
        wait = guesses_of(tx, me.user.id)
    if wait:
        raise TooManyRequests("Too many codes were tried. Please wait.", wait)
