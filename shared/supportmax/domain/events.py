"""The messages that travel over the queues: things that happened, in the past tense.

Each type goes to one queue. The envelope's id is what consumers remember, so a message delivered twice works once.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from supportmax.domain.clock import utcnow
from supportmax.domain.errors import PermanentFailure
from supportmax.domain.ids import new_id
from supportmax.domain.personal_data import redact

Queue = Literal["classify", "respond", "escalate", "email-send", "index", "crm-sync", "webhook-send"]
# Words that travel. A message that fails ends in a queue that operators read: no customer's data is in it.
Words = Annotated[str, AfterValidator(redact)]
QUEUES: tuple[Queue, ...] = ("classify", "respond", "escalate", "email-send", "index", "crm-sync", "webhook-send")
LearningTask = Literal["propose-articles", "fit-triage", "calibrate", "embed-tickets"]


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TicketOpened(_Payload):
    """A customer wrote something that opens, or reopens, a ticket. `hand_over`: why a human was asked for already."""

    type: Literal["TicketOpened"] = "TicketOpened"
    ticket_id: UUID
    message_id: UUID
    hand_over: Words | None = None


class CategoryChanged(_Payload):
    """An agent gave the ticket another category, or took it away: triage learns from it."""

    type: Literal["CategoryChanged"] = "CategoryChanged"
    ticket_id: UUID
    user_id: UUID


class TicketClassified(_Payload):
    """The ticket has its category; the message waits for an answer."""

    type: Literal["TicketClassified"] = "TicketClassified"
    ticket_id: UUID
    message_id: UUID


class HandOverRequested(_Payload):
    """A human is needed."""

    type: Literal["HandOverRequested"] = "HandOverRequested"
    ticket_id: UUID
    reason: Words


class ReplyReady(_Payload):
    """A message waits to be mailed."""

    type: Literal["ReplyReady"] = "ReplyReady"
    message_id: UUID


class AccountLinkMade(_Payload):
    """An invitation or a link for a new password waits to be mailed; or nobody has that address, and nothing does."""

    type: Literal["AccountLinkMade"] = "AccountLinkMade"
    link_id: UUID


class NoticeToMail(_Payload):
    """An agent wants to hear of something by mail."""

    type: Literal["NoticeToMail"] = "NoticeToMail"
    notification_id: UUID


class SatisfactionAsked(_Payload):
    """A customer is to be asked how the help was."""

    type: Literal["SatisfactionAsked"] = "SatisfactionAsked"
    rating_id: UUID


class ArticleChanged(_Payload):
    """An article's content changed; its chunks are to be made anew."""

    type: Literal["ArticleChanged"] = "ArticleChanged"
    article_id: UUID


class IndexFellBehind(_Payload):
    """An embedding index lacks articles or labelled examples. Those up to `after_…` were seen to already."""

    type: Literal["IndexFellBehind"] = "IndexFellBehind"
    model: str
    after_article: UUID | None = None
    after_example: UUID | None = None


class LearningDue(_Payload):
    """Time to learn from what happened since the last time."""

    type: Literal["LearningDue"] = "LearningDue"
    task: LearningTask


class BulkUpdateRequested(_Payload):
    """Many tickets are to be changed."""

    type: Literal["BulkUpdateRequested"] = "BulkUpdateRequested"
    job_id: UUID


class TicketTouched(_Payload):
    """Something happened in a ticket while a trigger was enabled. `rows`: the ids of the events and messages that tell
    it; `fired` and `depth`: the chain of triggers that it is a part of."""

    type: Literal["TicketTouched"] = "TicketTouched"
    ticket_id: UUID
    rows: list[UUID]
    fired: list[UUID] = []
    depth: int = 0


class AutomationDue(_Payload):
    """Time for an automation to look whether it has to act."""

    type: Literal["AutomationDue"] = "AutomationDue"
    rule_id: UUID


class ExportRequested(_Payload):
    """Everything about a person is to be exported."""

    type: Literal["ExportRequested"] = "ExportRequested"
    job_id: UUID


class ErasureRequested(_Payload):
    """Everything about a person is to be erased."""

    type: Literal["ErasureRequested"] = "ErasureRequested"
    job_id: UUID


class RetentionDue(_Payload):
    """Time to let go of what is older than the workspace keeps it."""

    type: Literal["RetentionDue"] = "RetentionDue"


class TicketChanged(_Payload):
    """Something about a ticket that the CRM shows has changed."""

    type: Literal["TicketChanged"] = "TicketChanged"
    ticket_id: UUID


class WebhookDue(_Payload):
    """An event waits to be sent to a webhook's endpoint, for the first time or again."""

    type: Literal["WebhookDue"] = "WebhookDue"
    delivery_id: UUID


class WebhookDisabled(_Payload):
    """A webhook was switched off because of how its receiver answers; this administrator is to hear of it."""

    type: Literal["WebhookDisabled"] = "WebhookDisabled"
    endpoint_id: UUID
    user_id: UUID


Event = (
    TicketOpened
    | CategoryChanged
    | TicketClassified
    | HandOverRequested
    | ReplyReady
    | AccountLinkMade
    | NoticeToMail
    | SatisfactionAsked
    | ArticleChanged
    | IndexFellBehind
    | LearningDue
    | BulkUpdateRequested
    | TicketTouched
    | AutomationDue
    | ExportRequested
    | ErasureRequested
    | RetentionDue
    | TicketChanged
    | WebhookDue
    | WebhookDisabled
)

QUEUE_OF: dict[str, Queue] = {
    "TicketOpened": "classify",
    "CategoryChanged": "classify",
    "TicketClassified": "respond",
    "HandOverRequested": "escalate",
    "ReplyReady": "email-send",
    "AccountLinkMade": "email-send",
    "NoticeToMail": "email-send",
    "SatisfactionAsked": "email-send",
    "ArticleChanged": "index",
    "IndexFellBehind": "index",
    "LearningDue": "index",
    "BulkUpdateRequested": "index",
    "TicketTouched": "escalate",
    "AutomationDue": "escalate",
    "ExportRequested": "index",
    "ErasureRequested": "index",
    "RetentionDue": "index",
    "TicketChanged": "crm-sync",
    "WebhookDue": "webhook-send",
    "WebhookDisabled": "email-send",
}


class Envelope(BaseModel):
    """An event with what every consumer needs: its id, its workspace, its time (UTC)."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    workspace_id: UUID
    occurred_at: datetime
    event: Annotated[Event, Field(discriminator="type")]

    @property
    def queue(self) -> Queue:
        return QUEUE_OF[self.event.type]

    @classmethod
    def of(cls, workspace_id: UUID, event: Event) -> "Envelope":
        """A new envelope around `event`."""
        return cls(id=new_id(), workspace_id=workspace_id, occurred_at=utcnow(), event=event)

    def to_json(self) -> str:
        """`{"id", "type", "workspace_id", "occurred_at", "payload"}`: the form on the wire."""
        return _Wire(
            id=self.id,
            type=self.event.type,
            workspace_id=self.workspace_id,
            occurred_at=self.occurred_at,
            payload=self.event.model_dump(mode="json", exclude={"type"}),
        ).model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> "Envelope":
        """Read the wire form; anything else can never be processed."""
        try:
            wire = _Wire.model_validate_json(text)
            return wire.to_envelope()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "body"
            raise PermanentFailure(f"not one of our messages: {where}: {first['msg']}") from None


class _Wire(BaseModel):
    id: UUID
    type: str
    workspace_id: UUID
    occurred_at: datetime
    payload: dict[str, object]

    def to_envelope(self) -> Envelope:
        event = EVENTS.validate_python({**self.payload, "type": self.type})
        return Envelope(id=self.id, workspace_id=self.workspace_id, occurred_at=self.occurred_at, event=event)


EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
