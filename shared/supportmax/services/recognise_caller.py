"""Who sends this request: a person with an access token, or a program with an API key. Each request is counted."""

import hmac
from datetime import timedelta
from uuid import UUID

from supportmax.domain.access import Caller, Window
from supportmax.domain.errors import Unauthorized
from supportmax.ports import Store, Transaction
from supportmax.services.opaque_keys import hash_key, ids_of, new_opaque_key
from supportmax.services.tokens import AccessClaims, read_token

# A fixed prefix lets scanners find keys that were published by mistake.
KEY_PREFIX = "smx_"


def new_key(workspace_id: UUID, key_id: UUID) -> str:
    """An API key."""
    return new_opaque_key(KEY_PREFIX, workspace_id, key_id)


def recognise(store: Store, credential: str, secret: str, window: timedelta) -> tuple[Caller, Window]:
    """The caller, and how many requests they have sent in this window of time, with this one.

    Raises Unauthorized for what is not, or no longer, good.
    """
    if credential.startswith(KEY_PREFIX):
        workspace_id, key_id = ids_of(KEY_PREFIX, credential, "API key")
        with store.begin(workspace_id) as tx:
            caller = _by_key(tx, credential, key_id)
            return caller, tx.rate_limits.count(caller.name, window)
    claims = read_token(credential, secret)
    with store.begin(claims.workspace_id) as tx:
        caller = _by_token(tx, claims)
        return caller, tx.rate_limits.count(caller.name, window)


def _by_token(tx: Transaction, claims: AccessClaims) -> Caller:
    user = tx.callers.of_token(claims.user_id, claims.login_session_id)
    if user is None:
        raise Unauthorized("The token is not valid, or not any more.")
    return Caller(user, tx.workspace_id, login_session_id=claims.login_session_id)


def _by_key(tx: Transaction, key: str, key_id: UUID) -> Caller:
    found = tx.callers.of_key(key_id)
    if found is None or not hmac.compare_digest(found[1], hash_key(key)):
        raise Unauthorized("The API key is not valid, or not any more.")
    tx.callers.note_use(key_id)
    user, _, scopes = found
    return Caller(user, tx.workspace_id, scopes, api_key_id=key_id)
