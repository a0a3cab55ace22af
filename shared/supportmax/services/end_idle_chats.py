"""Chats in which nothing was said for long are over."""

from uuid import UUID

from supportmax.domain.ticket_events import by_system
from supportmax.ports import Store
from supportmax.services.steer_chat import end_chat

AT_ONCE = 200


def end_idle_chats(store: Store, workspace_id: UUID) -> int:
    """Returns how many; what does not fit comes a minute later. One transaction each: none holds two tickets."""
    with store.begin(workspace_id) as tx:
        hours = tx.chat_settings.get().idle_hours
        idle = tx.chats.idle(hours, AT_ONCE)
    for session_id in idle:
        with store.begin(workspace_id) as tx:
            end_chat(tx, tx.chats.get(session_id), "inactivity", by_system(f"nothing was said for {hours} hours"))
    return len(idle)
