"""The tickets API's request and response bodies."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from supportmax.domain.conversation import Attachment, AuthorKind, Channel, Delivery, Message, Visibility
from supportmax.domain.errors import InvalidInput
from supportmax.domain.notifications import NoticeKind
from supportmax.domain.sla import Metric
from supportmax.domain.ticket_clocks import TicketClock
from supportmax.domain.tickets import SUBJECT_LIMIT, Priority, Status, Ticket, TicketType
from supportmax.domain.triage import Sentiment
from supportmax.runtime.http import Body
from supportmax.runtime.json_types import Moment
from supportmax.services.manage_tickets import Change

Subject = Annotated[str, StringConstraints(min_length=1, max_length=SUBJECT_LIMIT, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=50_000, strip_whitespace=True)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True, to_lower=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
Tags = Annotated[list[Tag], Field(max_length=30)]
Reason = Annotated[str, StringConstraints(max_length=500)]
CustomFields = Annotated[
    dict[str, str | bool | int | float | list[str] | None],
    Field(max_length=100, description="The workspace's own fields by key (`GET /v1/ticket-fields`); null clears one."),
]


class NewTicketBody(Body):
    """A ticket opened by an agent or a program. With `requester_email`, replies go there by mail."""

    subject: Subject
    body: Text
    requester_email: Email | None = None
    requester_name: Annotated[str, StringConstraints(max_length=200)] = ""
    priority: Priority = Field(default="normal", description="Triage may raise it, never lower it.")
    category: str | None = Field(default=None, description="The name of a label; null leaves it to triage.")
    tags: Tags = Field(default_factory=list)
    type: TicketType | None = None
    custom_fields: CustomFields = Field(default_factory=dict)
    group_id: UUID | None = None
    assignee_id: UUID | None = None
    follow_up_of: UUID | None = Field(
        default=None,
        description="The ticket that it goes on from. Its requester is this one's, unless you name another.",
    )


class TicketChanges(Body):
    """What to change; a field that is left out stays. `null` clears category, type, assignee, group, requester or the
    snooze."""

    subject: Subject | None = None
    status: Status | None = None
    priority: Priority | None = None
    category: str | None = None
    tags: Tags | None = None
    assignee_id: UUID | None = None
    group_id: UUID | None = None
    requester_id: UUID | None = Field(default=None, description="Who gets the replies.")
    type: TicketType | None = None
    custom_fields: CustomFields | None = Field(default=None, description="Those that change; null clears one.")
    snoozed_until: Moment | None = Field(
        default=None, description="It wakes then, or when the customer writes. Views leave it out with `-is:snoozed`."
    )
    add_tags: Tags = Field(default_factory=list, description="On top of what it has. Not together with `tags`.")
    remove_tags: Tags = Field(default_factory=list)
    reason: Reason | None = Field(default=None, description="Why, for the timeline.")

    def change(self, versions: frozenset[int] | None = None) -> Change:
        """Only the fields that were sent; null where that means something. Raises InvalidInput."""
        if self.tags is not None and (self.add_tags or self.remove_tags):
            raise InvalidInput("tags: send either tags, or add_tags and remove_tags")
        clearable = {"category", "assignee_id", "group_id", "requester_id", "type", "snoozed_until"}
        sent = self.model_dump(exclude_unset=True, exclude={"add_tags", "remove_tags", "reason"})
        values = {name: value for name, value in sent.items() if value is not None or name in clearable}
        return Change(values, tuple(self.add_tags), tuple(self.remove_tags), self.reason, versions)


class NewMessageBody(Body):
    """A public reply to the customer, or an internal note."""

    body: Text
    visibility: Visibility = Field(default="public", description="`internal` is a note that no customer sees.")
    upload_ids: Annotated[list[UUID], Field(max_length=20)] = Field(
        default_factory=list, description="Files that were uploaded for this ticket (`POST /v1/tickets/{id}/uploads`)."
    )


class ClockView(Body):
    """A promise of an SLA policy."""

    metric: Metric
    policy: str | None = Field(description="Its name; null when it is gone.")
    target_minutes: int = Field(description="Of business or calendar hours, as the policy says.")
    due_at: datetime | None = Field(description="When it breaks; null while it is paused.")
    paused: bool
    warned_at: datetime | None
    breached_at: datetime | None = Field(description="It was due then, and not kept. It stays.")
    fulfilled_at: datetime | None

    @classmethod
    def of(cls, clock: TicketClock) -> "ClockView":
        same = ("metric", "policy", "due_at", "paused", "warned_at", "breached_at", "fulfilled_at")
        minutes = int(clock.promised.total_seconds() // 60)
        return cls(target_minutes=minutes, **{name: getattr(clock, name) for name in same})


class TicketView(Body):
    """A ticket. `triage` says why it has its category: the nearest labelled examples."""

    id: UUID
    number: int = Field(description="Counts up per workspace; what people say aloud.")
    subject: str
    status: Status
    priority: Priority
    channel: Channel = Field(description="By which the customer came; replies go back the same way.")
    category: str | None = Field(
        description="The name of a label; `unsure` when triage could not tell, null before it has looked."
    )
    tags: list[str]
    language: str | None = Field(description="ISO 639-1, of the latest message that triage read.")
    sentiment: Sentiment | None = Field(description="How the customer feels, of the same message.")
    requester_id: UUID | None
    assignee_id: UUID | None
    group_id: UUID | None
    session_id: UUID | None = Field(description="The chat it came from.")
    triage: dict[str, Any] | None
    version: int = Field(description="Counts the changes.")
    created_at: datetime
    updated_at: datetime
    first_response_at: datetime | None = Field(description="When an agent first replied.")
    solved_at: datetime | None
    type: TicketType | None
    custom_fields: dict[str, Any] = Field(description="The workspace's own fields by key.")
    snoozed_until: datetime | None = Field(description="It wakes then.")
    merged_into_id: UUID | None = Field(description="Where it goes on: it was merged, and is closed.")
    deleted_at: datetime | None = Field(description="Set in what `q=is:deleted` finds; everything else hides it.")
    sla: list[ClockView] = Field(description="What SLA policies promise, as it was when this was asked for.")

    @classmethod
    def of(cls, ticket: Ticket, clocks: Sequence[TicketClock]) -> "TicketView":
        """With its own of these clocks."""
        own = [ClockView.of(clock) for clock in clocks if clock.ticket_id == ticket.id]
        return cls(sla=own, **{name: getattr(ticket, name) for name in cls.model_fields if name != "sla"})


class TicketPage(Body):
    """In the order asked for, or newest first; `next_cursor` is null on the last page."""

    tickets: list[TicketView]
    next_cursor: str | None


class AttachmentView(Body):
    """A file of a message; `size` in bytes."""

    id: UUID
    name: str
    content_type: str
    size: int

    @classmethod
    def of(cls, a: Attachment) -> "AttachmentView":
        return cls(id=a.id, name=a.name, content_type=a.content_type, size=a.size)


class TicketMessageView(Body):
    """A message of a ticket. `delivery` is set for mail that goes out; `quoted_text` is folded away."""

    id: UUID
    author: AuthorKind
    author_id: UUID | None
    visibility: Visibility
    channel: Channel
    body: str = Field(description="What the author wrote, without quoted mail and signature.")
    quoted_text: str | None = Field(description="The quoted mail and the signature below it.")
    html: str | None = Field(description="The mail's HTML, sanitised.")
    delivery: Delivery | None = Field(description="`unknown`: it may have been sent; please check.")
    attachments: list[AttachmentView]
    created_at: datetime

    @classmethod
    def of(cls, m: Message, files: list[Attachment]) -> "TicketMessageView":
        return cls(
            id=m.id,
            author=m.author_kind,
            author_id=m.author_id,
            visibility=m.visibility,
            channel=m.channel,
            body=m.body,
            quoted_text=m.quoted_text,
            html=m.body_html,
            delivery=m.delivery,
            attachments=[AttachmentView.of(a) for a in files if a.message_id == m.id],
            created_at=m.created_at,
        )


class TicketMessagePage(Body):
    """Oldest first; `next_cursor` is null on the last page."""

    messages: list[TicketMessageView]
    next_cursor: str | None


class NotificationView(Body):
    """Something an agent should know."""

    id: UUID
    ticket_id: UUID | None
    kind: NoticeKind
    text: str
    created_at: datetime
    read_at: datetime | None


class NotificationPage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    notifications: list[NotificationView]
    next_cursor: str | None
