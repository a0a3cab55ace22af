"""A visitor comes with a widget's key, and then with the token of a chat: is it good, and from the right page?"""

import hmac
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.chats import LASTS, RENEWED_EVERY, Chat, NewVisitor, Sighting
from supportmax.domain.clock import utcnow
from supportmax.domain.errors import NotFound, OriginRefused, Unauthorized
from supportmax.domain.ids import new_id
from supportmax.domain.widgets import WidgetKey, patterns_of
from supportmax.ports import Transaction
from supportmax.services.manage_widgets import WIDGET_PREFIX
from supportmax.services.opaque_keys import hash_key, ids_of, new_opaque_key

TOKEN_PREFIX = "smt_"


@dataclass(frozen=True, slots=True)
class Page:
    """Where a request comes from: a page's origin ("": a program), and the one that the whole stack allows."""

    origin: str
    stack_origin: str

    @property
    def patterns(self) -> list[str]:
        return patterns_of(self.origin) if self.origin else []

    def check(self, allowed: bool | None) -> None:
        """`allowed` None: no key says so. Raises OriginRefused."""
        if self.origin and not (self.origin == self.stack_origin if allowed is None else allowed):
            raise OriginRefused(f"The widget key is not for pages of {self.origin[:200]}.")


def workspace_of_widget(key: str) -> tuple[UUID, UUID]:
    """Workspace and id of a widget key, whether it is good or not. Raises Unauthorized for what is none."""
    return ids_of(WIDGET_PREFIX, key, "widget key")


def open_widget(tx: Transaction, key: str, page: Page) -> WidgetKey:
    """Raises Unauthorized for a key that is not good, or not any more, OriginRefused for another page's."""
    try:
        found = tx.widget_keys.get(workspace_of_widget(key)[1])
    except NotFound:
        raise Unauthorized("The widget key is not known.") from None
    if found.revoked_at or not _matches(found, key):
        raise Unauthorized("The widget key is not known, or not any more.")
    page.check(bool(set(found.allowed_origins) & set(page.patterns)))
    tx.widget_keys.note_use(found.id)
    return found


def _matches(found: WidgetKey, key: str) -> bool:
    if hmac.compare_digest(found.key.encode(), key.encode()):
        return True
    former = found.former_key if found.former_until and found.former_until > utcnow() else None
    return former is not None and hmac.compare_digest(former.encode(), key.encode())


def begin_chat(tx: Transaction, visitor: NewVisitor, widget_key_id: UUID | None) -> tuple[Chat, str]:
    """A new chat and its token, which nobody can read again."""
    session_id = new_id()
    token = new_opaque_key(TOKEN_PREFIX, tx.workspace_id, session_id)
    tx.chat_states.begin(session_id, visitor, widget_key_id, hash_key(token), utcnow() + LASTS)
    return tx.chats.get(session_id), token


def token_place(token: str) -> tuple[UUID, UUID]:
    """Workspace and session of a token, whether it is good or not. Raises Unauthorized for what is none."""
    return ids_of(TOKEN_PREFIX, token, "session token")


def see_chat(
    tx: Transaction, session_id: UUID, token: str, page: Page, after: UUID | None = None, limit: int = 0
) -> Sighting:
    """A chat that the token opens, with its messages after that one, by one query. No token opens one that needs none.

    Raises NotFound, Unauthorized for a token that is not good, OriginRefused.
    """
    own = token_place(token)[1] if token else None
    seen = tx.chats.see(session_id, own, page.patterns, after, limit)
    if token:
        _check(seen or see_own_chat(tx, token, page), token, page)
    if seen is None:
        raise NotFound("No such session.")
    if own:
        _renew(tx, seen, {own, session_id})
    return seen


def see_own_chat(tx: Transaction, token: str, page: Page) -> Sighting:
    """The chat that the token is of. Raises Unauthorized, OriginRefused."""
    seen = tx.chats.of_token(token_place(token)[1], page.patterns)
    if seen is None:
        raise Unauthorized("The session token is not valid, or not any more.")
    _check(seen, token, page)
    return seen


def _check(seen: Sighting, token: str, page: Page) -> None:
    if not (seen.alive and seen.token_hash and hmac.compare_digest(seen.token_hash, hash_key(token))):
        raise Unauthorized("The session token is not valid, or not any more.")
    page.check(seen.origin_allowed)


def _renew(tx: Transaction, seen: Sighting, session_ids: set[UUID]) -> None:
    """Used tokens live on; that is written at most once an hour."""
    expires_at = seen.chat.expires_at
    if expires_at and seen.chat.ended_at is None and expires_at < utcnow() + LASTS - RENEWED_EVERY:
        tx.chat_states.renew(sorted(session_ids), utcnow() + LASTS)
