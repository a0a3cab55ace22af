"""A host site says who its visitor is: a JWT, signed with one of the workspace's visitor keys."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from supportmax.domain.access import Caller
from supportmax.domain.chats import NewVisitor
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import InvalidInput, Unauthorized
from supportmax.domain.ids import new_id
from supportmax.domain.people import normal_email
from supportmax.domain.visible_text import visible
from supportmax.domain.widgets import SigningAlgorithm, VisitorKey
from supportmax.ports import Transaction
from supportmax.ports.identity import SecretBox

# Clocks of host sites may be a little ahead.
LEEWAY = timedelta(seconds=60)
# A token is for beginning a chat now. One that is good for longer than this was made for something else.
LONGEST = timedelta(hours=24)
LONGEST_SUBJECT = 200
LONGEST_TEXT = 254
_SMALLEST_RSA = 2048
_NEEDS: dict[SigningAlgorithm, str] = {
    "RS256": f"an RSA key of at least {_SMALLEST_RSA} bits",
    "ES256": "a key of the curve P-256",
    "EdDSA": "an Ed25519 key",
}


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key of a host site. `public_key` is PEM; with HS256 there is none, the secret is made here."""

    kid: str
    algorithm: SigningAlgorithm
    public_key: str | None


def make_visitor_key(tx: Transaction, wish: KeyWish, box: SecretBox, actor: Caller) -> tuple[VisitorKey, str | None]:
    """The key's row, and the secret of HS256, which nobody can read again. Raises InvalidInput, Conflict."""
    key_id = new_id()
    secret = secrets.token_urlsafe(32) if wish.algorithm == "HS256" else None
    key = VisitorKey(
        id=key_id,
        kid=wish.kid,
        algorithm=wish.algorithm,
        secret=box.seal(secret.encode(), key_id) if secret else None,
        public_key=_checked(wish),
        created_by=actor.user.id,
        last_used_at=None,
        revoked_at=None,
        created_at=utcnow(),
    )
    tx.visitor_keys.add(key)
    detail: dict[str, object] = {"kid": wish.kid, "algorithm": wish.algorithm}
    tx.audit.add(str(actor.user.id), "visitor_key.created", "visitor_key", key_id, detail)
    return key, secret


def revoke_visitor_key(tx: Transaction, key_id: UUID, actor: Caller) -> None:
    """At once and for good; chats that it has begun go on. Raises NotFound."""
    if tx.visitor_keys.revoke(key_id):
        tx.audit.add(str(actor.user.id), "visitor_key.revoked", "visitor_key", key_id, {})


def _checked(wish: KeyWish) -> str | None:
    """The public key. Raises InvalidInput where it does not go with the algorithm."""
    if wish.algorithm == "HS256":
        if wish.public_key:
            raise InvalidInput("public_key: HS256 has none; its secret is made here and shown once")
        return None
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key((wish.public_key or "").encode())
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput("public_key: a public key in PEM, which begins with -----BEGIN PUBLIC KEY-----") from None
    if not _fits(wish.algorithm, key):
        raise InvalidInput(f"public_key: {wish.algorithm} needs {_NEEDS[wish.algorithm]}")
    return wish.public_key


def _fits(algorithm: SigningAlgorithm, key: object) -> bool:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if algorithm == "RS256":
        return isinstance(key, rsa.RSAPublicKey) and key.key_size >= _SMALLEST_RSA
    if algorithm == "ES256":
        return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return isinstance(key, ed25519.Ed25519PublicKey)


def verify_visitor(tx: Transaction, token: str, box: SecretBox) -> NewVisitor:
    """Whom the host site vouches for; they are a customer here from now on. Raises Unauthorized."""
    claims = _claims(tx, token, box)
    subject, name, email = claims["sub"], _text(claims, "name"), _text(claims, "email")
    if not 0 < len(subject) <= LONGEST_SUBJECT or _text(claims, "sub") != subject:
        raise Unauthorized(
            f"identity_token: sub must be the visitor's id at the host site, up to {LONGEST_SUBJECT} visible characters"
        )
    if email and email.count("@") != 1:
        raise Unauthorized("identity_token: email must be an address")
    checked = email if claims.get("email_verified") is True else None
    user_id = tx.visitor_identities.user_of(subject) or _customer(tx, subject, name, checked)
    return NewVisitor("verified", name, normal_email(email) if email else None, user_id)


def _customer(tx: Transaction, subject: str, name: str | None, checked_email: str | None) -> UUID:
    """Somebody new, or who has written by mail before: only if the host site has checked the address.

    Else whoever can choose an address there would become its owner here. For the same reason the subject counts from
    then on, and a customer has one.
    """
    found = tx.users.customer(checked_email, name or "") if checked_email else None
    is_free = found is not None and found.role == "customer" and tx.visitor_identities.subject_of(found.id) is None
    user_id = found.id if found and is_free else tx.visitor_identities.add_customer(name or subject)
    tx.visitor_identities.link(subject, user_id)
    return user_id


def _claims(tx: Transaction, token: str, box: SecretBox) -> dict[str, Any]:
    """Checked with the key that `kid` names and with that key's algorithm, whatever `alg` says."""
    import jwt

    key = _key_of(tx, token)
    secret = box.open(key.secret, key.id).decode() if key.secret else key.public_key or ""
    audience = str(tx.workspace_id)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[key.algorithm],
            audience=audience,
            leeway=LEEWAY,
            options={"require": ["exp", "aud", "sub"]},
        )
        too_long = int(claims["exp"]) > (utcnow() + LONGEST + LEEWAY).timestamp()
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise Unauthorized(f"identity_token: {error}") from None
    if too_long:
        raise Unauthorized(f"identity_token: good for more than {LONGEST.days * 24} hours; make one for each page")
    tx.visitor_keys.note_use(key.id)
    return claims


def _key_of(tx: Transaction, token: str) -> VisitorKey:
    import jwt

    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        raise Unauthorized("identity_token: not a JSON Web Token") from None
    key = tx.visitor_keys.active(kid) if isinstance(kid, str) and "\x00" not in kid else None
    if key is None:
        raise Unauthorized("identity_token: its kid names no visitor key that is in force")
    return key


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    clean = " ".join(visible(value).split())[:LONGEST_TEXT] if isinstance(value, str) and "\x00" not in value else ""
    return clean or None
