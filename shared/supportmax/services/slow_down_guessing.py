"""Whoever guesses passwords waits; the person whose account it is does not stay outside.

Tries are counted before the password is looked at, so that guessing in parallel gains nothing, and are taken back when
it was right. Three counters, each within a window that begins with its first try and ends by itself:

- one address on one account: five tries;
- one address on all accounts: sixty;
- all addresses on one account: twenty, but an address from which the person signed in lately is exempt. So an attacker
  who keeps an account locked for strangers does not lock out its owner, who can also open it by a new password.
"""

import hashlib
import ipaddress
from datetime import timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.people import User, normal_email
from supportmax.ports import Transaction

WINDOW = timedelta(minutes=15)
REMEMBERED = timedelta(days=90)
LIMITS = {"pair": 5, "address": 60, "account": 20}
# Codes that somebody who is signed in may try, right ones too.
CODES = 10


def try_once(tx: Transaction, email: str, address: str, user: User | None) -> int:
    """Count one more try; the seconds to wait, or 0. Commit it before you refuse."""
    names = _names(email, address)
    found = tx.sign_in_attempts.count(list(names.values()), WINDOW)
    # Asked for strangers, too: an answer that comes sooner would say who has an account.
    who = user.id if user else UUID(int=0)
    known = tx.sign_in_attempts.knows(who, hashed(address), utcnow() - REMEMBERED)
    over = {kind: found[name] for kind, name in names.items() if found[name].count > LIMITS[kind]}
    if known:
        over.pop("account", None)
    if user and any(window.count == LIMITS[kind] + 1 for kind, window in over.items()):
        tx.audit.add("system", "sign_in.slowed", "user", user.id, {"counters": sorted(over)})
    return max((window.seconds_left for window in over.values()), default=0)


def forgive(tx: Transaction, email: str, address: str, user: User) -> None:
    """It was the right one: from here this person is welcome."""
    names = _names(email, address)
    tx.sign_in_attempts.forget([names["pair"]])
    tx.sign_in_attempts.take_back([names["address"], names["account"]])
    tx.sign_in_attempts.remember(user.id, hashed(address))


def not_a_guess(tx: Transaction, email: str, address: str) -> None:
    """The try was no wrong one, but nobody is in yet."""
    tx.sign_in_attempts.take_back(list(_names(email, address).values()))


def start_over(tx: Transaction, email: str, address: str, user_id: UUID) -> None:
    """Somebody has proved by mail that the account is theirs."""
    names = _names(email, address)
    tx.sign_in_attempts.forget([names["pair"], names["account"]])
    tx.sign_in_attempts.remember(user_id, hashed(address))


def open_account(tx: Transaction, email: str) -> None:
    """Nobody waits for this account any more."""
    account = hashed(normal_email(email))
    tx.sign_in_attempts.forget([f"pair:{account}:%", f"account:{account}"])


def hashed(text: str) -> str:
    """Addresses of people are not kept where only equality matters. IPv6 hosts own a /64, so it counts as one."""
    try:
        parsed = ipaddress.ip_address(text)
        if parsed.version == 6:
            text = str(ipaddress.ip_network((parsed, 64), strict=False))
    except ValueError:
        pass
    return hashlib.sha256(text.encode()).hexdigest()


def _names(email: str, address: str) -> dict[str, str]:
    email = normal_email(email)
    return {
        "pair": f"pair:{hashed(email)}:{hashed(address)}",
        "address": f"address:{hashed(address)}",
        "account": f"account:{hashed(email)}",
    }


def guesses_of(tx: Transaction, user_id: UUID) -> int:
    """Count one more code that a signed-in person tries; the seconds to wait, or 0."""
    name = f"code:{user_id}"
    window = tx.sign_in_attempts.count([name], WINDOW)[name]
    return window.seconds_left if window.count > CODES else 0
