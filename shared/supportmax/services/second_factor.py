"""Time-based codes of an authenticator app (RFC 6238), and recovery codes."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.errors import Conflict, Forbidden, NotFound
from supportmax.domain.people import User
from supportmax.ports import Transaction
from supportmax.ports.identity import SecretBox

STEP_SECONDS = 30
# A clock may be wrong by a step in either direction.
TOLERANCE = 1
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`uri` is what an authenticator app scans; `secret` what a person types instead."""

    secret: str
    uri: str


def begin(tx: Transaction, box: SecretBox, user: User, issuer: str) -> Enrolment:
    """A secret that counts once it is confirmed by a code. Raises Conflict if one is in force."""
    import pyotp

    factor = tx.second_factors.get(user.id)
    if factor and factor.confirmed_at:
        raise Conflict("You have a second factor already: remove it first.")
    secret = pyotp.random_base32()
    tx.second_factors.put(user.id, box.seal(secret.encode(), user.id))
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email or user.name, issuer_name=issuer)
    return Enrolment(secret, uri)


def confirm(tx: Transaction, box: SecretBox, user: User, code: str) -> list[str] | None:
    """The recovery codes, which nobody can read again; None for a wrong code. Raises NotFound, Conflict."""
    factor = tx.second_factors.get(user.id)
    if factor is None:
        raise NotFound("Ask for a secret first.")
    if factor.confirmed_at:
        raise Conflict("You have a second factor already: remove it first.")
    step = _matching_step(box.open(factor.secret, user.id).decode(), code, factor.last_step)
    if step is None:
        return None
    tx.second_factors.confirm(user.id, step)
    tx.audit.add(str(user.id), "second_factor.added", "user", user.id, {})
    return new_recovery_codes(tx, user.id)


def new_recovery_codes(tx: Transaction, user_id: UUID) -> list[str]:
    """Eighty random bits each; those before are void."""
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    tx.recovery_codes.replace(user_id, [_hash(code) for code in codes])
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def passes(tx: Transaction, box: SecretBox, user_id: UUID, code: str | None) -> bool:
    """True without a second factor, or with a code that is right and was not used before."""
    factor = tx.second_factors.get(user_id)
    if factor is None or factor.confirmed_at is None:
        return True
    if code is None:
        return False
    step = _matching_step(box.open(factor.secret, user_id).decode(), code, factor.last_step)
    if step is not None:
        tx.second_factors.note_step(user_id, step)
        return True
    return tx.recovery_codes.use(user_id, _hash(code))


def remove(tx: Transaction, user_id: UUID, actor: str) -> None:
    """Raises NotFound if there is none."""
    if not tx.second_factors.remove(user_id):
        raise NotFound("There is no second factor.")
    tx.audit.add(actor, "second_factor.removed", "user", user_id, {})


def require(tx: Transaction, box: SecretBox, user_id: UUID, code: str | None) -> None:
    """Raises Forbidden."""
    if not passes(tx, box, user_id, code):
        raise Forbidden("code: the six digits of your authenticator app, or a recovery code")


def _matching_step(secret: str, code: str, last_step: int) -> int | None:
    """The step whose code this is, if none as late was used before."""
    import pyotp

    totp, now = pyotp.TOTP(secret), int(time.time()) // STEP_SECONDS
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    # All are compared, in constant time each.
    matching = [step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), code.strip())]
    return next((step for step in matching if step > last_step), None)


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.replace("-", "").strip().lower().encode()).digest()
