"""The signed reply address: it threads a customer's reply without trusting anything the sender can invent.

`support+<token>@domain`, where the token binds the ticket to the one customer it was mailed to.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from supportmax.domain.people import normal_email

# 10 bytes of HMAC-SHA256: forging one takes 2^80 mails; the local part stays below RFC 5321's 64 characters.
SIGNATURE_BYTES = 10


@dataclass(frozen=True, slots=True)
class ReplyAddresses:
    """`support_address` is the desk's own, such as support@example.com; `secret` signs."""

    support_address: str
    secret: str

    def for_ticket(self, ticket_id: UUID, customer: str) -> str:
        """The address that `customer` replies to."""
        local, _, domain = self.support_address.partition("@")
        token = base64.b32encode(ticket_id.bytes + self._signature(ticket_id, customer)).decode().rstrip("=").lower()
        return f"{local}+{token}@{domain}"

    def ticket_of(self, address: str, sender: str) -> UUID | None:
        """The ticket an address stands for, if it is one of ours and was given to this very sender."""
        local, _, _ = normal_email(address).partition("@")
        _, _, token = local.rpartition("+")
        raw = _decode(token)
        if len(raw) != 16 + SIGNATURE_BYTES:
            return None
        ticket_id = UUID(bytes=raw[:16])
        return ticket_id if hmac.compare_digest(raw[16:], self._signature(ticket_id, sender)) else None

    def _signature(self, ticket_id: UUID, customer: str) -> bytes:
        text = f"reply-address:{ticket_id}:{normal_email(customer)}"
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _decode(token: str) -> bytes:
    try:
        return base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return b""
