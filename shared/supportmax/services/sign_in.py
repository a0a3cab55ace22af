"""Agents sign in with address and password, and a code if they have a second factor; they get a session with tokens."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from supportmax.domain.access import Grant, SignInMethod, Visit
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Forbidden, SecondFactorNeeded, TooManyRequests, Unauthorized
from supportmax.domain.ids import new_id
from supportmax.domain.people import User
from supportmax.ports import Store, Transaction
from supportmax.ports.identity import SecretBox
from supportmax.services.second_factor import passes
from supportmax.services.slow_down_guessing import forgive, not_a_guess, try_once
from supportmax.services.tokens import LIFETIME, issue_token, read_refresh_token, refresh_token

SESSION = timedelta(days=30)
# Two tabs that refresh at once, or an answer that got lost on its way: the one before the newest is good this long.
GRACE = timedelta(seconds=10)
_WRONG = "Wrong e-mail address or password."
_SLOW = "Too many attempts to sign in. Wait, or set a new password by mail."


@dataclass(frozen=True, slots=True)
class Door:
    """The workspace to be let into; `secret` signs tokens."""

    store: Store
    workspace_id: UUID
    secret: str
    box: SecretBox


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody claims. `code` is of their authenticator app, or a recovery code."""

    email: str
    password: str
    visit: Visit
    code: str | None = None


def hash_password(password: str) -> str:
    """argon2id with the library's current parameters."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password)


def sign_in(door: Door, claim: SignIn) -> Grant:
    """Raises Unauthorized, the same for every reason; SecondFactorNeeded; TooManyRequests after many wrong tries."""
    with door.store.begin(door.workspace_id) as tx:
        found = tx.users.credentials(claim.email)
        wait = try_once(tx, claim.email, claim.visit.address, found[0] if found else None)
    if wait:
        raise TooManyRequests(_SLOW, wait)
    # An unknown address costs the same time as a known one, so that addresses cannot be guessed by the clock.
    if not _is_password(claim.password, found[1] if found else _decoy()) or found is None:
        raise Unauthorized(_WRONG)
    return _second_step(door, claim, found[0])


def _second_step(door: Door, claim: SignIn, user: User) -> Grant:
    with door.store.begin(door.workspace_id) as tx:
        passed = passes(tx, door.box, user.id, claim.code)
        if passed:
            forgive(tx, claim.email, claim.visit.address, user)
            return open_session(tx, door, user, "password", claim.visit)
        if claim.code is None:
            not_a_guess(tx, claim.email, claim.visit.address)
    raise SecondFactorNeeded("code: the six digits of your authenticator app, or a recovery code")


def open_session(tx: Transaction, door: Door, user: User, method: SignInMethod, visit: Visit) -> Grant:
    """Whoever is asked for is let in: check before."""
    session_id = new_id()
    tx.login_sessions.open(session_id, user.id, method, visit.address, visit.user_agent[:300], utcnow() + SESSION)
    return _grant(tx, door.workspace_id, door.secret, session_id, 1)


def refresh(store: Store, token: str, secret: str) -> Grant:
    """New tokens for a refresh token, which is used up. One that comes back later was stolen: its session ends.

    Raises Unauthorized.
    """
    claims = read_refresh_token(token, secret)
    with store.begin(claims.workspace_id) as tx:
        session = tx.login_sessions.lock(claims.login_session_id)
        if session and claims.generation == session.generation:
            tx.login_sessions.advance(session.id)
            return _grant(tx, claims.workspace_id, secret, session.id, session.generation + 1)
        if session and claims.generation == session.generation - 1 and session.refreshed_at > utcnow() - GRACE:
            return _grant(tx, claims.workspace_id, secret, session.id, session.generation)
        if session:
            tx.login_sessions.end(session.user_id, session.id)
            tx.notifications.add(session.user_id, None, "A used-up sign-in token came back: that session was ended.")
            tx.audit.add("system", "login_session.reused", "login_session", session.id, {})
    raise Unauthorized("The session has ended: sign in again.")


def change_password(door: Door, user: User, session_id: UUID | None, claim: SignIn, wanted: str) -> None:
    """All other sessions end. Raises Forbidden for a wrong current password, TooManyRequests after many."""
    with door.store.begin(door.workspace_id) as tx:
        found = tx.users.credentials(claim.email)
        wait = try_once(tx, claim.email, claim.visit.address, user)
    if wait:
        raise TooManyRequests(_SLOW, wait)
    if found is None or not _is_password(claim.password, found[1]):
        raise Forbidden("current_password: this is not your password")
    hashed = hash_password(wanted)
    with door.store.begin(door.workspace_id) as tx:
        forgive(tx, claim.email, claim.visit.address, user)
        tx.accounts.set_password(user.id, hashed)
        tx.login_sessions.end_all(user.id, but=session_id)
        tx.account_links.void(user.id)
        tx.audit.add(str(user.id), "password.changed", "user", user.id, {})


def _grant(tx: Transaction, workspace_id: UUID, secret: str, session_id: UUID, generation: int) -> Grant:
    session = tx.login_sessions.lock(session_id)
    assert session, "it was opened or locked in this transaction"
    user = tx.users.get(session.user_id)
    return Grant(
        access_token=issue_token(user, workspace_id, secret, session.id),
        expires_in=int(LIFETIME.total_seconds()),
        refresh_token=refresh_token(session, generation, workspace_id, secret),
        refresh_expires_in=int((session.expires_at - utcnow()).total_seconds()),
        login_session_id=session.id,
    )


def _is_password(password: str, stored: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


_DECOY: list[str] = []


def _decoy() -> str:
    if not _DECOY:
        _DECOY.append(hash_password("nobody has this password"))
    return _DECOY[0]
