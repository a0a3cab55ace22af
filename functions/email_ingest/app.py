"""S3: a mail arrived in the inbound bucket."""

import logging
from typing import Any
from urllib.parse import unquote_plus

from supportmax.domain.errors import NotFound
from supportmax.runtime.container import get
from supportmax.runtime.emf import emit
from supportmax.runtime.logs import log, private_errors
from supportmax.services.ingest_email import Mailroom, ingest_email


@private_errors
def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Take in every mail of the event. Raising makes Lambda try again; S3 may deliver an event twice anyway."""
    tools = get()
    mailroom = Mailroom(tools.inbound, tools.attachments, tools.reply_addresses, tools.token_secret)
    # Keys come URL-encoded, with + for a space: https://docs.aws.amazon.com/lambda/latest/dg/with-s3-example.html
    keys = [unquote_plus(record["s3"]["object"]["key"]) for record in event.get("Records", [])]
    for key in keys:
        try:
            ingest_email(mailroom, tools.store, tools.workspace(), key)
            emit("MailsIn", 1)
        except NotFound:
            log(logging.WARNING, "mail gone before it was read", key=key)
    return {"mails": len(keys)}
