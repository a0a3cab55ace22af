"""Mail through Amazon SES: one raw message, one recipient."""

import os
from typing import Any

from supportmax.adapters.aws import client, error_code, error_status
from supportmax.domain.errors import OutcomeUnknown, PermanentFailure, SupportMaxError, TransientFailure

# SES documents these as rejections of the message or the account: sending it again meets the same answer.
_REFUSED = {
    "AccountSendingPausedException",
    "ConfigurationSetDoesNotExist",
    "ConfigurationSetDoesNotExistException",
    "InvalidParameterValue",
    "MailFromDomainNotVerified",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
}
_NOT_SENT = {"Throttling", "ThrottlingException", "TooManyRequestsException", "ServiceUnavailable"}


class SESMailer:
    def __init__(self, configuration_set: str = "") -> None:
        self._configuration_set = configuration_set

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, EndpointConnectionError

        request: dict[str, Any] = {"Source": sender, "Destinations": [recipient], "RawMessage": {"Data": raw}}
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        try:
            message_id: str = client("ses").send_raw_email(**request)["MessageId"]
        except ClientError as error:
            raise _as_failure(error) from error
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise TransientFailure(f"mail service: {type(error).__name__}") from error
        except BotoCoreError as error:
            raise OutcomeUnknown(f"mail service: {type(error).__name__}") from error
        return message_id.partition("@")[0]  # an emulator may add the domain, SES does not


def ses_message_id_domain() -> str:
    """Where the Message-IDs live that SES gives: its first region has a name of its own."""
    region = os.environ.get("AWS_REGION", "us-east-1")
    return "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"


def _as_failure(error: Exception) -> SupportMaxError:
    code = error_code(error)
    if code in _REFUSED:
        return PermanentFailure(f"the mail service refused the message: {code}: {error}")
    if code in _NOT_SENT:
        return TransientFailure(f"mail service: {code}")
    if error_status(error) >= 500:  # it failed while it worked on the mail, before or after taking it
        return OutcomeUnknown(f"mail service: {code}")
    return TransientFailure(f"mail service: {code or 'no reason given'}")
