"""Signing in through an OpenID Connect provider: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636).

The browser gets an address at the provider and a secret that it keeps; it comes back with the provider's code and its
state. State finds the attempt, once. The secret proves that it is the same browser, so that no link can sign anybody
in to somebody else's account. The nonce binds the ID token to the attempt, the verifier the code.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID

from supportmax.domain.access import Account, Grant, Visit
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Forbidden, InvalidInput, Unauthorized
from supportmax.domain.identity import Attempt, Identity, IdentityProvider
from supportmax.domain.people import User, normal_email
from supportmax.ports import Transaction
from supportmax.ports.identity import OpenIDProvider
from supportmax.services.sign_in import Door, open_session

ATTEMPT = timedelta(minutes=10)
# Asymmetric only: with HS256 the client's secret, with `none` nothing at all, would vouch for a token.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "PS384", "PS512", "EdDSA")
LEEWAY_SECONDS = 60
_REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce"]
_LATE = "This sign-in was not begun here, or was finished already: start again."


@dataclass(frozen=True, slots=True)
class Begun:
    """`url` is where the browser goes; `browser_secret` stays in it until it comes back."""

    url: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class Return:
    """What the browser brings back."""

    state: str
    code: str
    browser_secret: str
    visit: Visit


def begin(door: Door, openid: OpenIDProvider, provider_id: UUID, redirect_uri: str) -> Begun:
    """Raises NotFound, Forbidden for a provider that is switched off, InvalidInput for an unknown redirect_uri."""
    with door.store.begin(door.workspace_id) as tx:
        provider = _enabled(tx, provider_id)
    if redirect_uri not in provider.redirect_uris:
        raise InvalidInput("redirect_uri: it is not one of the provider's redirect_uris")
    metadata = openid.metadata(provider.issuer)
    state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
    attempt = Attempt(_hash(state), _hash(browser), provider_id, nonce, verifier, redirect_uri, utcnow() + ATTEMPT)
    with door.store.begin(door.workspace_id) as tx:
        tx.oidc_attempts.add(attempt)
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(_hash(verifier)).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    return Begun(_with_query(metadata.authorization_endpoint, query), browser)


def finish(door: Door, openid: OpenIDProvider, back: Return) -> Grant:
    """Raises Unauthorized when anything does not fit, Forbidden for somebody who has no place here."""
    with door.store.begin(door.workspace_id) as tx:
        attempt = tx.oidc_attempts.take(_hash(back.state))
        provider = _enabled(tx, attempt.provider_id) if attempt else None
    if attempt is None or provider is None:
        raise Unauthorized(_LATE)
    if not hmac.compare_digest(attempt.browser_hash, _hash(back.browser_secret)):
        raise Unauthorized(_LATE)
    identity = _identity(door, openid, provider, attempt, back.code)
    with door.store.begin(door.workspace_id) as tx:
        user = _user(tx, provider, identity)
        return open_session(tx, door, user, "oidc", back.visit)


def _identity(door: Door, openid: OpenIDProvider, provider: IdentityProvider, attempt: Attempt, code: str) -> Identity:
    metadata = openid.metadata(provider.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.redirect_uri,
        "client_id": provider.client_id,
        "code_verifier": attempt.verifier,
    }
    secret = door.box.open(provider.client_secret, provider.id).decode() if provider.client_secret else None
    claims = _verified(openid.exchange(metadata, form, secret), openid, provider)
    if not hmac.compare_digest(str(claims["nonce"]).encode(), attempt.nonce.encode()):
        raise Unauthorized("The identity provider's ID token is of another sign-in.")
    email = claims.get("email")
    return Identity(
        subject=str(claims["sub"]),
        email=normal_email(email) if isinstance(email, str) else None,
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or email or "")[:200],
    )


def _verified(token: str, openid: OpenIDProvider, provider: IdentityProvider) -> dict[str, Any]:
    """The claims of an ID token with the right signature, issuer, audience and times (OpenID Connect Core, 3.1.3.7)."""
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        algorithm = str(header.get("alg"))
        if algorithm not in ALGORITHMS:
            raise Unauthorized("The identity provider's ID token is not signed as it must be.")
        key = openid.signing_key(openid.metadata(provider.issuer), header.get("kid"), algorithm)
        claims: dict[str, Any] = jwt.decode(
            token,
            cast(jwt.PyJWK, key),
            algorithms=[algorithm],
            audience=provider.client_id,
            issuer=provider.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise Unauthorized(f"The identity provider's ID token does not hold: {type(error).__name__}") from None
    if claims.get("azp", provider.client_id) != provider.client_id or (
        isinstance(claims["aud"], list) and (len(claims["aud"]) > 1 and "azp" not in claims)
    ):
        raise Unauthorized("The identity provider's ID token is for somebody else.")
    return claims


def _user(tx: Transaction, provider: IdentityProvider, identity: Identity) -> User:
    """Known by the provider's subject; the first time by an address that the provider has verified."""
    known = tx.identities.user_of(provider.id, identity.subject)
    if known:
        return _admitted(tx, tx.accounts.get(known))
    if not identity.email or not identity.email_verified:
        raise Forbidden("The identity provider does not vouch for your e-mail address.")
    if provider.email_domains and identity.email.partition("@")[2] not in provider.email_domains:
        raise Forbidden("Addresses of this domain may not sign in here.")
    account = tx.accounts.by_email(identity.email)
    user = _admitted(tx, account) if account else _joined(tx, provider, identity)
    tx.identities.link(provider.id, identity.subject, user.id)
    tx.audit.add(str(user.id), "identity.linked", "user", user.id, {"provider": provider.name})
    return user


def _admitted(tx: Transaction, account: Account) -> User:
    if account.role == "customer" or account.deactivated_at:
        raise Forbidden("You may not sign in here. Ask an administrator.")
    return tx.users.get(account.id)


def _joined(tx: Transaction, provider: IdentityProvider, identity: Identity) -> User:
    if provider.joins_as is None:
        raise Forbidden("Nobody here has this e-mail address. Ask an administrator to invite you.")
    assert identity.email
    user = tx.users.add(provider.joins_as, identity.name or identity.email, identity.email, None)
    tx.audit.add("system", "user.joined", "user", user.id, {"provider": provider.name, "role": user.role})
    return user


def _enabled(tx: Transaction, provider_id: UUID) -> IdentityProvider:
    provider = tx.identity_providers.get(provider_id)
    if not provider.enabled:
        raise Forbidden("This identity provider is switched off.")
    return provider


def _with_query(url: str, query: dict[str, str]) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(query))))))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
