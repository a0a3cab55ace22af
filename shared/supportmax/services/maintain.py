"""What the schedule does every minute: sweep, rescue, wake, forget, count."""

from datetime import timedelta

from supportmax.domain.clock import utcnow
from supportmax.domain.events import (
    AutomationDue,
    LearningDue,
    LearningTask,
    RetentionDue,
    TicketChanged,
    WebhookDue,
)
from supportmax.domain.ticket_work import PRESENT
from supportmax.ports import QueueSender, Store, Transaction
from supportmax.services.ask_satisfaction import ask_those_due
from supportmax.services.assign_ticket import assign_waiting
from supportmax.services.current_ticket import wake_ticket
from supportmax.services.end_idle_chats import end_idle_chats
from supportmax.services.hand_over import notify_followers, tell_human
from supportmax.services.publish_outbox import sweep_outbox
from supportmax.services.roll_up_metrics import roll_up
from supportmax.services.share_files import KEPT
from supportmax.services.switch_embedding import start_filling
from supportmax.services.watch_clocks import watch_clocks

# Beyond SQS's longest retention (14 days) no message can come back.
REMEMBER = timedelta(days=15)
# Longer than email_send may run with all its retries.
STUCK = timedelta(minutes=10)
WAKE_AT_ONCE = 500
# Longer than any window in which requests are counted.
COUNTED = timedelta(minutes=10)
ANSWERS_KEPT = timedelta(hours=24)
# A delivery that was given to the queue so long ago is not there any more.
QUEUED = timedelta(minutes=5)
WEBHOOKS_AT_ONCE = 500
WEBHOOKS_KEPT = timedelta(days=30)
RETENTION = timedelta(hours=1)
# Fitting does nothing where no example changed, calibrating nothing for the local model or within a day.
# A day's questions group better than an hour's. Tickets get their vectors from triage; what it missed comes daily.
LEARNING: dict[LearningTask, timedelta] = {
    "fit-triage": timedelta(minutes=5),
    "propose-articles": timedelta(days=1),
    "calibrate": timedelta(minutes=5),
    "embed-tickets": timedelta(days=1),
}


def maintain(store: Store, queues: QueueSender, api_url: str = "") -> dict[str, int]:
    """Returns counts of what was done, for the log.

    `api_url` is where customers reach the API: without one, nobody is asked how the help was.
    """
    waiting = _observe(store)  # before the sweep takes it away
    done = waiting | {"published": sweep_outbox(store, queues), "rescued": 0, "woken": 0, "forgotten": 0}
    done |= {"warned": 0, "breached": 0, "assigned": 0, "ended": 0}
    for workspace_id in store.all_workspaces():
        with store.begin(workspace_id) as tx:
            stuck = tx.deliveries.rescue(utcnow() - STUCK)
            for ticket_id in stuck:
                ticket = tx.tickets.get(ticket_id, deleted=True)
                tell_human(tx, ticket, f"It is unknown whether a mail in #{ticket.number} was sent: please check.")
            done["rescued"] += len(stuck)
            done["rescued"] += tx.webhook_deliveries.rescue(utcnow() - STUCK)
            done["woken"] += _wake(tx)
            done["forgotten"] += tx.webhook_deliveries.prune(utcnow() - WEBHOOKS_KEPT)
            done["forgotten"] += tx.inbox.prune(utcnow() - REMEMBER)
            done["forgotten"] += tx.uploads.prune(utcnow() - KEPT) + tx.ticket_presence.prune(utcnow() - PRESENT)
            done["forgotten"] += _forget_traffic(tx)
            _send_webhooks(tx)
            if tx.retention.rules() and tx.watermarks.due("retention", RETENTION):
                tx.outbox.add(RetentionDue())
            _ask_for_learning(tx)
            _ask_for_automations(tx)
            if api_url:
                ask_those_due(tx)
            start_filling(tx)
    for workspace_id in store.all_workspaces():
        for name, count in watch_clocks(store, workspace_id).items():
            done[name] += count
        done["ended"] += end_idle_chats(store, workspace_id)
        done["assigned"] += assign_waiting(store, workspace_id)
        roll_up(store, workspace_id, utcnow())
    return done


def _observe(store: Store) -> dict[str, int]:
    """How much waits in all workspaces, and how many seconds the oldest of it has."""
    found = []
    for workspace_id in store.all_workspaces():
        with store.begin(workspace_id) as tx:
            found.append(tx.metric_rollups.observe())
    oldest = max((each.oldest_seconds for each in found), default=0)
    return {"waiting": sum(each.messages for each in found), "oldest_seconds": oldest}


def _wake(tx: Transaction) -> int:
    """Tickets whose snooze is over; what does not fit comes a minute later."""
    due = tx.tickets.snoozed_past(utcnow(), WAKE_AT_ONCE)
    for ticket_id in due:
        ticket = wake_ticket(tx, ticket_id)
        notify_followers(tx, ticket, f"#{ticket.number} is back from its snooze: {ticket.subject}")
        tx.outbox.add(TicketChanged(ticket_id=ticket_id))
    return len(due)


def _send_webhooks(tx: Transaction) -> None:
    """Those whose next attempt is due, and those whose message got lost."""
    now = utcnow()
    for delivery_id in tx.webhook_deliveries.due(now, now - QUEUED, WEBHOOKS_AT_ONCE):
        tx.outbox.add(WebhookDue(delivery_id=delivery_id))


def _forget_traffic(tx: Transaction) -> int:
    """Counters of windows that are over, answers that were kept for their day, sign-ins that never came back."""
    return (
        tx.rate_limits.prune(COUNTED)
        + tx.idempotency_keys.prune(ANSWERS_KEPT)
        + tx.sign_in_attempts.prune()
        + tx.oidc_attempts.prune(utcnow())
    )


def _ask_for_learning(tx: Transaction) -> None:
    """Learning takes seconds and the embedder: the index function does it, one message a task."""
    for task, every in LEARNING.items():
        if tx.watermarks.due(task, every):
            tx.outbox.add(LearningDue(task=task))


def _ask_for_automations(tx: Transaction) -> None:
    """One message each, so that none has to wait for another one's tickets."""
    for rule in tx.rules.list("automation"):
        if rule.enabled:
            tx.outbox.add(AutomationDue(rule_id=rule.id))
