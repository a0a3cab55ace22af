"""How a webhook proves that it comes from us: https://www.standardwebhooks.com"""

import base64
import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from standardwebhooks.webhooks import Webhook

from supportmax.domain.webhooks import Delivery, Endpoint


def webhook_secret(endpoint_id: UUID, generation: int, secret: str) -> str:
    """`whsec_…`, made of the desk's own secret: it is stored nowhere, and reading the database gives none away."""
    made = hmac.new(secret.encode(), f"webhook {endpoint_id} {generation}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(made).decode()}"


def signed_headers(endpoint: Endpoint, delivery: Delivery, secret: str, now: datetime) -> dict[str, str]:
    """For one attempt at `now` (UTC). After a rotation the secret before signs, too, until its time is over."""
    event_id = f"msg_{delivery.event_id}"
    generations = [endpoint.secret_generation]
    if endpoint.previous_secret_until and now < endpoint.previous_secret_until:
        generations.append(endpoint.secret_generation - 1)
    secrets = [webhook_secret(endpoint.id, generation, secret) for generation in generations]
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(event_id, now, delivery.body) for each in secrets),
    }
