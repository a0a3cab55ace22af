"""One suite for every mailer: the one in memory, and SES."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from moto.ses.models import ses_backends

from supportmax.adapters import aws
from supportmax.adapters.mail.ses import SESMailer, ses_message_id_domain
from supportmax.domain.errors import OutcomeUnknown, PermanentFailure, SupportMaxError, TransientFailure
from supportmax.ports import Mailer
from tests.cloud import REGION
from tests.fakes.memory import MemoryMailer

SENDER = "support@desk.example"
RAW = b"From: support@desk.example\r\nTo: ann@customer.example\r\nSubject: Hello\r\n\r\nHello Ann"


@dataclass
class World:
    """A mailer, what it sent, and how to make it refuse."""

    mailer: Mailer
    sent: Callable[[], list[tuple[str, set[str]]]]
    refuse: Callable[[], None]


def _memory() -> World:
    mailer = MemoryMailer()

    def sent() -> list[tuple[str, set[str]]]:
        return [(mail.sender, {mail.recipient}) for mail in mailer.sent]

    return World(mailer, sent, lambda: mailer.failures.append(PermanentFailure("refused")))


def _ses() -> World:
    backend = ses_backends["123456789012"][REGION]

    def sent() -> list[tuple[str, set[str]]]:
        return [(mail.source, set(mail.destinations)) for mail in backend.sent_messages]

    return World(SESMailer(), sent, lambda: aws.client("ses").delete_identity(Identity=SENDER))


@pytest.fixture(params=["memory", "ses"])
def world(request: pytest.FixtureRequest, account: None) -> World:
    aws.client("ses").verify_email_identity(EmailAddress=SENDER)
    return _memory() if request.param == "memory" else _ses()


def test_a_mail_is_sent_to_its_one_recipient(world: World) -> None:
    delivery_id = world.mailer.send(RAW, SENDER, "ann@customer.example")
    assert delivery_id
    assert world.sent() == [(SENDER, {"ann@customer.example"})]


def test_each_delivery_has_its_own_id(world: World) -> None:
    ids = {world.mailer.send(RAW, SENDER, "ann@customer.example") for _ in range(3)}
    assert len(ids) == 3


def test_a_refused_mail_is_a_permanent_failure_and_not_sent(world: World) -> None:
    world.refuse()
    with pytest.raises(PermanentFailure):
        world.mailer.send(RAW, SENDER, "ann@customer.example")
    assert world.sent() == []


# What only SES can answer


class Answering:
    """A client whose answer is decided here."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.requests: list[dict[str, Any]] = []

    def send_raw_email(self, **request: Any) -> dict[str, str]:
        self.requests.append(request)
        if self.error:
            raise self.error
        return {"MessageId": "id"}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    ses = Answering()
    monkeypatch.setattr("supportmax.adapters.mail.ses.client", lambda service: ses)
    yield ses
    assert len(ses.requests) == 1


def _refused(code: str, status: int = 400) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": metadata}, "SendRawEmail")


URL = "https://email.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (_refused("MessageRejected"), PermanentFailure),
        (_refused("MailFromDomainNotVerified"), PermanentFailure),
        (_refused("InvalidParameterValue"), PermanentFailure),
        (_refused("Throttling"), TransientFailure),
        (_refused("ServiceUnavailable", 503), TransientFailure),
        (_refused("AccessDenied"), TransientFailure),
        (EndpointConnectionError(endpoint_url=URL), TransientFailure),
        (ConnectTimeoutError(endpoint_url=URL), TransientFailure),
        (ReadTimeoutError(endpoint_url=URL), OutcomeUnknown),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:60]),
)
def test_what_a_failure_means(error: Exception, kind: type[SupportMaxError], answering: Answering) -> None:
    """After a broken connection nobody knows; the mail must not be sent again on a guess."""
    answering.error = error
    with pytest.raises(kind):
        SESMailer().send(RAW, SENDER, "ann@customer.example")


def test_an_internal_error_of_the_service_leaves_the_outcome_unknown(answering: Answering) -> None:
    """A 500 may come after the mail was taken."""
    answering.error = ClientError(
        {"Error": {"Code": "InternalFailure", "Message": "x"}, "ResponseMetadata": {"HTTPStatusCode": 500}},
        "SendRawEmail",
    )
    with pytest.raises(OutcomeUnknown):
        SESMailer().send(RAW, SENDER, "ann@customer.example")


@pytest.mark.parametrize(("name", "sent"), [("", None), ("deliveries", "deliveries")])
def test_the_configuration_set_is_named_if_there_is_one(name: str, sent: str | None, answering: Answering) -> None:
    assert SESMailer(name).send(RAW, SENDER, "ann@customer.example") == "id"
    assert answering.requests[0].get("ConfigurationSetName") == sent


@pytest.mark.parametrize(
    ("region", "domain"),
    [("us-east-1", "email.amazonses.com"), ("eu-central-1", "eu-central-1.amazonses.com")],
)
def test_where_the_ids_of_ses_live(region: str, domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    assert ses_message_id_domain() == domain


def test_botocore_does_not_send_a_mail_twice(account: None) -> None:
    assert aws.client("ses").meta.config.retries["total_max_attempts"] == 1
    assert aws.client("sqs").meta.config.retries["total_max_attempts"] > 1
