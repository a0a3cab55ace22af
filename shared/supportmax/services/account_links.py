"""Invitations and forgotten passwords: a link by mail, good once and not for long.

Nobody learns from this who has an account: asking for a new password is answered the same for every address, and does
the same work for it.
"""

from datetime import timedelta
from uuid import UUID

from supportmax.domain.access import Account, AccountLink, LinkPurpose, Visit
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import Conflict, InvalidInput, Unauthorized
from supportmax.domain.events import AccountLinkMade
from supportmax.domain.ids import new_id
from supportmax.domain.people import normal_email
from supportmax.ports import Store, Transaction
from supportmax.services.sign_in import hash_password
from supportmax.services.slow_down_guessing import hashed, start_over
from supportmax.services.tokens import read_link_token

GOOD_FOR: dict[LinkPurpose, timedelta] = {"invitation": timedelta(days=7), "password-reset": timedelta(hours=1)}
# Mails that an address gets in an hour, whoever asks for them.
MOST_MAILS = 3
_USED = "This link was used already, or has expired: ask for a new one."


def invite(tx: Transaction, user_id: UUID, actor: str) -> None:
    """Mail a link by which they choose a password. Raises NotFound, and Conflict for somebody who needs none."""
    account = tx.accounts.get(user_id)
    if account.role == "customer" or account.deactivated_at or not account.email:
        raise Conflict("Only an active agent or administrator with an e-mail address can be invited.")
    if account.has_password:
        raise Conflict("They have a password already; they can ask for a new one themselves.")
    _make(tx, user_id, "invitation")
    tx.audit.add(actor, "user.invited", "user", user_id, {})


def ask_for_reset(store: Store, workspace_id: UUID, email: str) -> None:
    """Mail a link to whoever has this address, at most three an hour."""
    with store.begin(workspace_id) as tx:
        name = f"reset:{hashed(normal_email(email))}"
        asked = tx.sign_in_attempts.count([name], timedelta(hours=1))[name].count
        account = tx.accounts.by_email(email)
        known = account and account.role != "customer" and account.deactivated_at is None
        if account and known and asked <= MOST_MAILS:
            _make(tx, account.id, "password-reset")
        else:  # the same work, for nobody
            tx.outbox.add(AccountLinkMade(link_id=new_id()))


def set_password_by_link(
    store: Store, token: str, purpose: LinkPurpose, password: str, secret: str, visit: Visit
) -> Account:
    """All sessions end, all other links are void. Raises Unauthorized for a link that is not good, or not any more."""
    workspace_id, link_id = read_link_token(token, purpose, secret)
    hashed_password = hash_password(password)
    with store.begin(workspace_id) as tx:
        link = tx.account_links.get(link_id)
        if link is None or link.purpose != purpose or not tx.account_links.use(link_id):
            raise Unauthorized(_USED)
        account = tx.accounts.get(link.user_id)
        if account.role == "customer" or account.deactivated_at or account.email is None:
            raise Unauthorized(_USED)
        tx.account_links.void(account.id)
        tx.accounts.set_password(account.id, hashed_password)
        tx.login_sessions.end_all(account.id)
        start_over(tx, account.email, visit.address, account.id)
        tx.audit.add(str(account.id), "password.set_by_link", "user", account.id, {"purpose": purpose})
        return tx.accounts.get(account.id)


def check_new_password(password: str, email: str | None) -> None:
    """Raises InvalidInput for the one password that everybody would try first."""
    if email and normal_email(password) == email:
        raise InvalidInput("password: must not be your e-mail address")


def _make(tx: Transaction, user_id: UUID, purpose: LinkPurpose) -> None:
    link = AccountLink(new_id(), user_id, purpose, utcnow() + GOOD_FOR[purpose], None, None)
    tx.account_links.add(link)
    tx.outbox.add(AccountLinkMade(link_id=link.id))
