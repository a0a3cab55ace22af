"""Signing in through an OpenID Connect provider, and the providers of the workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field, StringConstraints

from functions.admin.models import Name, Slug, Token, TokenView
from functions.admin.sign_in_routes import SLOW, door
from supportmax.domain.access import Caller
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput, NotFound, PermanentFailure, TransientFailure
from supportmax.domain.identity import IdentityProvider
from supportmax.domain.ids import new_id, parse_id
from supportmax.runtime.container import Container
from supportmax.runtime.http import Administrator, AdministratorInPerson, Body, Tools, Visitor
from supportmax.runtime.idempotency import keep_no_answer
from supportmax.services.sign_in_elsewhere import Return, begin, finish

router = APIRouter(tags=["Signing in"])
ProviderId = Annotated[str, Path(description="An identity provider's id.", json_schema_extra={"format": "uuid"})]
URL = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#]+$", max_length=500)]
Domain = Annotated[str, StringConstraints(pattern=r"^[^@\s]+\.[^@\s]+$", max_length=253, to_lower=True)]


WORKSPACE = Field(default=None, description="Its slug; the default workspace if left out.")


class ProviderChoice(Body):
    """A button on the page where one signs in."""

    id: UUID
    name: str


class OIDCStart(Body):
    """Through whom, and where the browser shall come back to."""

    provider_id: UUID
    redirect_uri: URL
    workspace: Slug | None = WORKSPACE


class OIDCStarted(Body):
    """Send the browser to `authorization_url`; keep `browser_secret` in it (session storage) until it is back."""

    authorization_url: str
    browser_secret: str


class OIDCReturn(Body):
    """`state` and `code` from the address that the provider sent the browser to, and what the browser kept."""

    state: Token
    code: Token
    browser_secret: Token
    workspace: Slug | None = WORKSPACE


class NewProvider(Body):
    """An OpenID Connect provider. Register `redirect_uris` there, too."""

    name: Name
    issuer: URL = Field(description="As in its discovery document, to the letter.")
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    client_secret: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None, description="Stored encrypted, never shown. Null: a public client."
    )
    redirect_uris: Annotated[list[URL], Field(min_length=1, max_length=10)]
    email_domains: Annotated[list[Domain], Field(max_length=50)] = Field(
        default_factory=list, description="Whose addresses may sign in; empty: everybody's who is known here."
    )
    joins_as: Literal["agent", "admin"] | None = Field(
        default=None, description="What somebody becomes who is new here. Null: only those who are known get in."
    )
    enabled: bool = True


class ProviderView(Body):
    """An identity provider, without its secret."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    has_client_secret: bool
    redirect_uris: list[str]
    email_domains: list[str]
    joins_as: Literal["agent", "admin"] | None
    enabled: bool
    created_at: datetime

    @classmethod
    def of(cls, provider: IdentityProvider) -> "ProviderView":
        own = cls.model_fields.keys() - {"has_client_secret"}
        has_secret = provider.client_secret is not None
        return cls(has_client_secret=has_secret, **{name: getattr(provider, name) for name in own})


@router.get("/v1/auth/oidc/providers", summary="List ways to sign in")
async def list_sign_in_providers(
    tools: Tools,
    visit: Visitor,
    workspace: Annotated[Slug | None, Query(description="Its slug; the default workspace if left out.")] = None,
) -> list[ProviderChoice]:
    """What a page where one signs in shows. No sign-in."""
    with tools.store.begin(_workspace(tools, workspace)) as tx:
        providers = tx.identity_providers.list()
    return [ProviderChoice(id=each.id, name=each.name) for each in providers if each.enabled]


@router.post(
    "/v1/auth/oidc/start",
    summary="Begin to sign in elsewhere",
    dependencies=[Depends(keep_no_answer)],
    responses={
        403: {"description": "The provider is switched off."},
        404: {"description": "There is no such provider."},
        **SLOW,
    },
)
async def start_oidc(body: OIDCStart, tools: Tools, visit: Visitor) -> OIDCStarted:
    """Authorization code with PKCE, state and nonce; ten minutes to come back."""
    with _provider_trouble():
        begun = begin(door(tools, _workspace(tools, body.workspace)), tools.openid, body.provider_id, body.redirect_uri)
    return OIDCStarted(authorization_url=begun.url, browser_secret=begun.browser_secret)


@router.post(
    "/v1/auth/oidc/finish",
    summary="Sign in with what the provider says",
    dependencies=[Depends(keep_no_answer)],
    responses={
        401: {"description": "Something does not fit, or was used before: start again."},
        403: {"description": "You have no place here."},
        404: {"description": "There is no such workspace."},
        **SLOW,
    },
)
async def finish_oidc(body: OIDCReturn, tools: Tools, visit: Visitor) -> TokenView:
    """The provider's word is checked: signature, issuer, audience, times, nonce. A second factor is its business."""
    back = Return(body.state, body.code, body.browser_secret, visit)
    with _provider_trouble():
        return TokenView.of(finish(door(tools, _workspace(tools, body.workspace)), tools.openid, back))


@router.get("/v1/identity-providers", summary="List identity providers")
async def list_identity_providers(admin: Administrator, tools: Tools) -> list[ProviderView]:
    """By name, at most a hundred. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        return [ProviderView.of(provider) for provider in tx.identity_providers.list()]


@router.post(
    "/v1/identity-providers",
    status_code=201,
    summary="Add an identity provider",
    responses={409: {"description": "Another one has this name."}},
)
async def create_identity_provider(body: NewProvider, admin: AdministratorInPerson, tools: Tools) -> ProviderView:
    """Its discovery document is looked up, so that a mistake shows now. For administrators, not for API keys."""
    provider = _made(body, tools, new_id(), utcnow())
    return _save(provider, admin, tools, "identity_provider.created")


@router.put(
    "/v1/identity-providers/{provider_id}",
    summary="Replace an identity provider",
    responses={409: {"description": "Another one has this name."}},
)
async def replace_identity_provider(
    provider_id: ProviderId, body: NewProvider, admin: AdministratorInPerson, tools: Tools
) -> ProviderView:
    """Without `client_secret` the stored one stays. For administrators, not for API keys."""
    with tools.store.begin(admin.workspace_id) as tx:
        before = tx.identity_providers.get(parse_id(provider_id, "identity provider"))
    provider = _made(body, tools, before.id, before.created_at)
    if body.client_secret is None:
        provider = replace(provider, client_secret=before.client_secret)
    return _save(provider, admin, tools, "identity_provider.updated")


@router.delete("/v1/identity-providers/{provider_id}", status_code=204, summary="Remove an identity provider")
async def delete_identity_provider(provider_id: ProviderId, admin: AdministratorInPerson, tools: Tools) -> None:
    """Nobody signs in through it any more; who is signed in stays so. For administrators, not for API keys."""
    wanted = parse_id(provider_id, "identity provider")
    with tools.store.begin(admin.workspace_id) as tx:
        tx.identity_providers.delete(wanted)
        tx.audit.add(str(admin.user.id), "identity_provider.deleted", "identity_provider", wanted, {})


def _workspace(tools: Container, slug: str | None) -> UUID:
    workspace_id = tools.workspace_named(slug)
    if workspace_id is None:
        raise NotFound("There is no such workspace.")
    return workspace_id


def _made(body: NewProvider, tools: Container, provider_id: UUID, created_at: datetime) -> IdentityProvider:
    secret = body.client_secret
    return IdentityProvider(
        **body.model_dump(exclude={"client_secret"}),
        id=provider_id,
        created_at=created_at,
        client_secret=tools.secret_box.seal(secret.encode(), provider_id) if secret else None,
    )


def _save(provider: IdentityProvider, admin: Caller, tools: Container, action: str) -> ProviderView:
    if provider.joins_as and not provider.email_domains:
        raise InvalidInput("email_domains: needed with joins_as, or everybody whom the provider knows could join")
    with _provider_trouble():
        tools.openid.metadata(provider.issuer)
    with tools.store.begin(admin.workspace_id) as tx:
        tx.identity_providers.save(provider)
        detail = {"name": provider.name, "issuer": provider.issuer, "joins_as": provider.joins_as}
        tx.audit.add(str(admin.user.id), action, "identity_provider", provider.id, detail)
    return ProviderView.of(provider)


@contextmanager
def _provider_trouble() -> Iterator[None]:
    """What a provider does wrong is for the one who set it up to see and change."""
    try:
        yield
    except (PermanentFailure, TransientFailure) as error:
        raise InvalidInput(f"issuer: {error.message}") from None
