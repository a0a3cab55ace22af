"""A whole desk in one process, driven as its customers and agents drive it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from supportmax.adapters.language import detect_language
from supportmax.adapters.postgres.database import Database
from supportmax.adapters.postgres.store import PostgresStore
from supportmax.domain.conversation import Message, Visibility
from supportmax.domain.events import Envelope
from supportmax.domain.knowledge import ArticleDraft
from supportmax.domain.people import User
from supportmax.domain.prices import price_of
from supportmax.domain.tickets import Ticket, TicketFilter
from supportmax.ports import CRM, Embedder, Transaction
from supportmax.runtime.embedders import EmbedderShelf
from supportmax.services.answer_question import Answerer
from supportmax.services.ask_model import Models, Provider
from supportmax.services.before_commit import before_commit
from supportmax.services.classify_ticket import Classifier, classify_ticket
from supportmax.services.escalate_ticket import EscalationMail, escalate_ticket
from supportmax.services.import_articles import import_articles
from supportmax.services.index_article import index_article
from supportmax.services.ingest_email import Mailroom, ingest_email
from supportmax.services.learn import learn
from supportmax.services.learn_correction import learn_correction
from supportmax.services.learn_examples import Example, learn_examples
from supportmax.services.mail.reply_address import ReplyAddresses
from supportmax.services.manage_tickets import Change, change_ticket, delete_ticket
from supportmax.services.notify import NoticeMail, mail_notice
from supportmax.services.publish_outbox import publish
from supportmax.services.reply_to_ticket import Reply, reply_to_ticket
from supportmax.services.respond_to_ticket import respond_to_ticket
from supportmax.services.send_mail import Sender, send_mail
from supportmax.services.sync_crm import push_ticket
from supportmax.services.take_chat_turn import ChatReply, Said, take_chat_turn
from supportmax.services.triage.corpus import Corpora
from tests.fakes.memory import MemoryMailer, MemoryObjects, MemoryQueue, ScriptedLLM

SUPPORT = "support@desk.example"
DOMAIN = "desk.example"
PROMISE = "A colleague will answer you here within one working day."


@dataclass(frozen=True)
class Credentials:
    """What someone signs in with."""

    email: str
    password: str


ADMIN = Credentials("admin@desk.example", "correct horse battery")


@dataclass
class Desk:
    """`drain()` runs every waiting message through its consumer, as the queues would."""

    store: PostgresStore
    workspace_id: UUID
    embedder: Embedder
    database: Database
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    inbound: MemoryObjects = field(default_factory=MemoryObjects)
    attachments: MemoryObjects = field(default_factory=MemoryObjects)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    message_id_domain: str = ""
    llm: ScriptedLLM | None = None
    models: Models | None = None
    other_embedders: dict[str, Embedder] = field(default_factory=dict)
    crm: CRM | None = None
    corpora: Corpora = field(default_factory=Corpora)
    processed: list[Envelope] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(cls, url: str, workspace_id: UUID, embedder: Embedder) -> "Iterator[Desk]":
        database = Database(url)
        store = PostgresStore(
            database,
            after_commit=lambda *sent: desk._publish(*sent),  # noqa: PLW0108 - made below
            before_commit=before_commit,
        )
        desk = cls(store, workspace_id, embedder, database)
        yield desk
        desk.close()

    def _publish(self, workspace_id: UUID, envelopes: list[Envelope]) -> None:
        publish(self.store, self.queue, workspace_id, envelopes)

    def close(self) -> None:
        """The connection of this thread."""
        self.database.close()

    @property
    def addresses(self) -> ReplyAddresses:
        return ReplyAddresses(SUPPORT, "test secret")

    @property
    def answerer(self) -> Answerer:
        return Answerer(self.embedder, self.models or self._scripted, detect_language, corpora=self.corpora)

    @property
    def _scripted(self) -> Models | None:
        if self.llm is None:
            return None
        return Models([Provider("scripted", self.llm, price_of(self.llm.model, "0.25/0.025/2"))])

    # What people do

    def teach(self, articles: Sequence[ArticleDraft]) -> None:
        """Import articles and index them."""
        import_articles(self.store, self.workspace_id, articles, "test")
        self.drain()

    def label(self, name: str, texts: Sequence[str], priority: str = "normal", is_spam: bool = False) -> None:
        """A label with its group of the same name and labelled examples."""
        with self.begin() as tx:
            group = tx.groups.save(name, [])
            tx.labels.save(name, "", priority, group.id, is_spam)
        learn_examples(self.embedder, self.store, self.workspace_id, [Example(text, name) for text in texts])

    def hire(self, name: str, group: str | None = None) -> User:
        """An agent, in a group if one is named."""
        with self.begin() as tx:
            agent = tx.users.add("agent", name, f"{name.lower()}@{DOMAIN}", None)
            if group:
                tx.groups.save(group, [agent.id])
        return agent

    def say(self, text: str, session_id: UUID | None = None) -> ChatReply:
        """One chat turn."""
        return take_chat_turn(self.answerer, self.store, self.workspace_id, Said(text, session_id), PROMISE)

    def reply(self, agent: User, ticket: Ticket, text: str, visibility: Visibility = "public") -> Message:
        """An agent answers, or leaves a note."""
        with self.begin() as tx:
            return reply_to_ticket(tx, ticket.id, Reply(text, visibility), agent, DOMAIN)

    def change(self, agent: User, ticket: Ticket, **changes: Any) -> Ticket:
        with self.begin() as tx:
            return change_ticket(tx, ticket.id, Change(changes), agent)

    def delete(self, agent: User, ticket: Ticket) -> None:
        with self.begin() as tx:
            delete_ticket(tx, ticket.id, agent)

    def receive(self, raw: bytes, key: str = "inbound/mail-1") -> None:
        """A mail arrives in the bucket, and its event at the function."""
        self.inbound.put(key, raw, "message/rfc822")
        self.ingest(key)

    def ingest(self, key: str) -> None:
        """The event alone."""
        mailroom = Mailroom(self.inbound, self.attachments, self.addresses, "test secret")
        ingest_email(mailroom, self.store, self.workspace_id, key)

    # What the queues do

    def drain(self) -> None:
        """Work until no message waits."""
        while self.queue.waiting:
            self.deliver(self.queue.waiting.popleft())

    def deliver(self, envelope: Envelope) -> None:
        """One message through the wire format to its consumer."""
        self.processed.append(envelope)
        self._consumers()[envelope.queue](Envelope.from_json(envelope.to_json()))

    def _consumers(self) -> dict[str, Callable[[Envelope], object]]:
        store, embedder = self.store, self.embedder
        embedders = EmbedderShelf(embedder, self.other_embedders.__getitem__)
        crm = self.crm
        return {
            "index": lambda e: (learn if e.event.type == "LearningDue" else index_article)(embedders, store, e),
            "classify": self._classify,
            "respond": lambda e: respond_to_ticket(self.answerer, store, e, DOMAIN),
            "escalate": lambda e: escalate_ticket(store, e, EscalationMail(DOMAIN, PROMISE)),
            "email-send": self._mail,
            "crm-sync": lambda e: push_ticket(crm, store, e) if crm else None,
        }

    def _mail(self, envelope: Envelope) -> None:
        if envelope.event.type == "NoticeToMail":
            mail_notice(NoticeMail(self.mailer, SUPPORT, ""), self.store, envelope)
        else:
            sender = Sender(self.mailer, SUPPORT, "Test desk", self.addresses, self.message_id_domain)
            send_mail(sender, self.store, envelope)

    def _classify(self, envelope: Envelope) -> None:
        if envelope.event.type == "CategoryChanged":
            learn_correction(self.embedder, self.corpora, self.store, envelope)
        else:
            classifier = Classifier(self.embedder, self.corpora, detect_language, self.answerer.models)
            classify_ticket(classifier, self.store, envelope)

    # What can be seen afterwards

    def begin(self) -> AbstractContextManager[Transaction]:
        return self.store.begin(self.workspace_id)

    def tickets(self) -> list[Ticket]:
        with self.begin() as tx:
            return tx.tickets.list(TicketFilter(), None, 1_000)

    def messages(self, ticket: Ticket | None = None) -> list[Message]:
        """The conversation of the ticket (the only one, unless named), oldest first, notes too."""
        with self.begin() as tx:
            return tx.messages.of_ticket((ticket or self.ticket()).id, None, 1_000)

    def said(self, ticket: Ticket | None = None) -> list[tuple[str, str]]:
        """What the customer sees of it: who said what."""
        return [(m.author_kind, m.body) for m in self.messages(ticket) if m.visibility == "public"]

    def speakers(self, ticket: Ticket | None = None) -> list[str]:
        return [speaker for speaker, _ in self.said(ticket)]

    def notes_to(self, user: User) -> list[str]:
        """The texts of someone's notifications, newest first."""
        with self.begin() as tx:
            return [str(row["text"]) for row in tx.notifications.of_user(user.id, None, 1_000)]

    def escalations(self, ticket: Ticket | None = None) -> list[dict[str, Any]]:
        with self.begin() as tx:
            return tx.escalations.of_ticket((ticket or self.ticket()).id)

    def ticket(self) -> Ticket:
        """The only ticket."""
        (found,) = self.tickets()
        return found

    def outbox(self) -> list[EmailMessage]:
        """Every mail that was sent, parsed."""
        parsed = [message_from_bytes(mail.raw, policy=policy.default) for mail in self.mailer.sent]
        return [mail for mail in parsed if isinstance(mail, EmailMessage)]

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.outbox() if mail["To"] == address]

    def wire(self) -> list[dict[str, object]]:
        """Waiting messages in their wire form."""
        return [json.loads(envelope.to_json()) for envelope in self.queue.waiting]
