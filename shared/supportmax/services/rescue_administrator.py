"""Let an administrator in again, for whoever holds the database: nobody else can then."""

import secrets
from uuid import UUID

from supportmax.domain.errors import InvalidInput
from supportmax.ports import Store
from supportmax.services.sign_in import hash_password
from supportmax.services.slow_down_guessing import open_account


def rescue_administrator(store: Store, workspace_id: UUID, email: str) -> str:
    """Their new password. They are an active administrator without a second factor; everything of before ends.

    Raises InvalidInput if nobody has the address.
    """
    password = secrets.token_urlsafe(15)
    hashed = hash_password(password)
    with store.begin(workspace_id) as tx:
        account = tx.accounts.by_email(email)
        if account is None or account.email is None:
            raise InvalidInput(f"nobody in this workspace has the address {email}")
        tx.accounts.change(account.id, account.name, "admin", active=True)
        tx.accounts.set_password(account.id, hashed)
        tx.second_factors.remove(account.id)
        tx.login_sessions.end_all(account.id)
        tx.account_links.void(account.id)
        open_account(tx, account.email)
        tx.audit.add("operator", "user.rescued", "user", account.id, {})
    return password
