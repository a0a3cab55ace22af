"""Send an event to a webhook's endpoint: claim the delivery, post it, record what came of it.

The same event may arrive twice, when a sender dies between posting and recording: its webhook-id tells.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import NotFound, PermanentFailure, TransientFailure
from supportmax.domain.events import Envelope, WebhookDisabled, WebhookDue
from supportmax.domain.ids import new_id
from supportmax.domain.webhooks import (
    LONGEST_RETRY_AFTER,
    PAUSE,
    Attempt,
    Delivery,
    DisabledBecause,
    Endpoint,
    wait_after,
)
from supportmax.ports import Store, Transaction
from supportmax.ports.webhooks import Reply, WebhookPost
from supportmax.services.notify import preference
from supportmax.services.webhook_signature import signed_headers

RESPONSE_KEPT = 1_000  # characters
GONE = 410
ASKS_FOR_A_PAUSE = {429, 503}


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """`secret` is the desk's own. An endpoint that takes nothing for `disable_after` is switched off."""

    http: WebhookPost
    secret: str
    disable_after: timedelta


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`retry_after`: when the receiver wants to hear from us again. `answered`: there was somebody."""

    attempt: Attempt
    retry_after: datetime | None = None
    answered: bool = True


def send_webhook(sender: WebhookSender, store: Store, envelope: Envelope) -> None:
    """Handle WebhookDue. What fails is tried again by the schedule, not by the queue."""
    event = envelope.event
    assert isinstance(event, WebhookDue)
    with store.begin(envelope.workspace_id) as tx:
        claimed = _claim(tx, event)
    if claimed is None:
        return
    delivery, endpoint = claimed
    outcome = _post(sender, delivery, endpoint)
    with store.begin(envelope.workspace_id) as tx:
        try:
            endpoint = tx.webhook_endpoints.lock(endpoint.id)
        except NotFound:  # deleted meanwhile, and the delivery with it
            return
        _record(tx, delivery, endpoint, outcome, sender.disable_after)


def _claim(tx: Transaction, event: WebhookDue) -> tuple[Delivery, Endpoint] | None:
    delivery = tx.webhook_deliveries.claim(event.delivery_id)
    if delivery is None:
        return None
    endpoint = tx.webhook_endpoints.get(delivery.endpoint_id)
    if not endpoint.enabled and delivery.event_type != "ping":
        tx.webhook_deliveries.record(replace(delivery, state="cancelled", finished_at=utcnow()), None)
        return None
    if endpoint.paused_until and endpoint.paused_until > utcnow():
        later = replace(delivery, state="waiting", attempts=delivery.attempts - 1)
        tx.webhook_deliveries.record(replace(later, next_attempt_at=endpoint.paused_until), None)
        return None
    return delivery, endpoint


def _post(sender: WebhookSender, delivery: Delivery, endpoint: Endpoint) -> _Outcome:
    now, clock = utcnow(), time.monotonic()
    headers = signed_headers(endpoint, delivery, sender.secret, now)
    reply, problem = None, None
    try:
        reply = sender.http.post(endpoint.url, headers, delivery.body.encode())
        problem = _problem(reply)
    except (PermanentFailure, TransientFailure) as error:
        problem = error.message
    attempt = Attempt(
        id=new_id(),
        delivery_id=delivery.id,
        started_at=now,
        duration_ms=round((time.monotonic() - clock) * 1000),
        status=reply.status if reply else None,
        response=_readable(reply) if reply else "",
        problem=problem,
    )
    return _Outcome(attempt, _retry_after(reply, now) if reply else None, reply is not None)


def _problem(reply: Reply) -> str | None:
    if 200 <= reply.status < 300:
        return None
    if 300 <= reply.status < 400:
        return f"The receiver redirects ({reply.status}); redirects are not followed."
    return f"The receiver answered {reply.status}."


def _readable(reply: Reply) -> str:
    """Postgres holds every character but one."""
    return reply.body.decode("utf-8", "replace").replace("\x00", "\ufffd")[:RESPONSE_KEPT]


def _retry_after(reply: Reply, now: datetime) -> datetime | None:
    """RFC 9110, section 10.2.3: seconds or a date; not for longer than we are ready to wait."""
    given = reply.headers.get("retry-after", "")
    if reply.status not in ASKS_FOR_A_PAUSE or not given:
        return None
    try:
        wanted = now + timedelta(seconds=int(given)) if given.isdigit() else parsedate_to_datetime(given)
        return min(max(wanted, now), now + LONGEST_RETRY_AFTER)
    except (ValueError, TypeError, OverflowError):
        return None


def _record(
    tx: Transaction, delivery: Delivery, endpoint: Endpoint, outcome: _Outcome, disable_after: timedelta
) -> None:
    now = utcnow()
    if outcome.attempt.problem is None:
        tx.webhook_deliveries.record(replace(delivery, state="delivered", finished_at=now), outcome.attempt)
        if endpoint.failing_since or endpoint.paused_until:
            tx.webhook_endpoints.save(replace(endpoint, failing_since=None, paused_until=None))
        return
    tx.webhook_deliveries.record(_tried(delivery, outcome, now), outcome.attempt)
    paused_until = outcome.retry_after or (None if outcome.answered else now + PAUSE)
    failing = replace(endpoint, failing_since=endpoint.failing_since or now, paused_until=paused_until)
    tx.webhook_endpoints.save(failing)
    if outcome.attempt.status == GONE:
        _disable(tx, failing, "gone")
    elif failing.failing_since and now - failing.failing_since >= disable_after:
        _disable(tx, failing, "failing")


def _tried(delivery: Delivery, outcome: _Outcome, now: datetime) -> Delivery:
    """Waiting for the next attempt, unless it was the last one. A ping has one."""
    wait = wait_after(delivery.attempts)
    if wait is None or delivery.event_type == "ping" or outcome.attempt.status == GONE:
        return replace(delivery, state="failed", next_attempt_at=None, finished_at=now)
    return replace(delivery, state="waiting", next_attempt_at=max(now + wait, outcome.retry_after or now))


def _disable(tx: Transaction, endpoint: Endpoint, because: DisabledBecause) -> None:
    """At once, and every administrator hears of it."""
    if not endpoint.enabled:
        return
    tx.webhook_endpoints.save(replace(endpoint, enabled=False, disabled_because=because, updated_at=utcnow()))
    tx.audit.add("system", "webhook.disabled", "webhook", endpoint.id, {"because": because})
    for account in tx.accounts.list("admin", None, 1_000):
        if account.deactivated_at is None:
            _tell(tx, account.id, endpoint, because)


def _tell(tx: Transaction, user_id: UUID, endpoint: Endpoint, because: DisabledBecause) -> None:
    """The mail says more than the line at the desk: what to do."""
    wanted = preference(tx, user_id, "webhook_disabled")
    if wanted.in_app:
        text = f"The webhook to {endpoint.url} was switched off: {because}."
        tx.notifications.add(user_id, None, text, "webhook_disabled")
    if wanted.mail:
        tx.outbox.add(WebhookDisabled(endpoint_id=endpoint.id, user_id=user_id))
