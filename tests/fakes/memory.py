"""Fakes that keep state: a queue, an object store, a mailer and a language model that answers by script."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supportmax.domain.answers import Usage
from supportmax.domain.errors import NotFound, SupportMaxError, TransientFailure
from supportmax.domain.events import QUEUES, Envelope, Queue
from supportmax.ports import CallLimits, Completion, NoCompletion, OnText, Prompt


@dataclass
class MemoryQueue:
    """Envelopes in order. `down` refuses everything, as an outage would."""

    waiting: deque[Envelope] = field(default_factory=deque)
    down: bool = False

    def send(self, envelopes: Sequence[Envelope]) -> list[UUID]:
        if self.down:
            raise TransientFailure("the queue is down")
        self.waiting.extend(envelopes)
        return [envelope.id for envelope in envelopes]

    def depths(self) -> dict[Queue, int]:
        return {queue: sum(e.queue == queue for e in self.waiting) for queue in QUEUES}


@dataclass
class MemoryObjects:
    """Objects by key, with their content types."""

    stored: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def get(self, key: str) -> bytes:
        if key not in self.stored:
            raise NotFound(f"no object {key}")
        return self.stored[key]

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.stored[key] = data
        self.types[key] = content_type

    def delete(self, key: str) -> None:
        self.stored.pop(key, None)


@dataclass(frozen=True)
class SentMail:
    """One mail that was handed over."""

    raw: bytes
    sender: str
    recipient: str


@dataclass
class MemoryMailer:
    """Mails that were sent; `failures` are raised first, one a call."""

    sent: list[SentMail] = field(default_factory=list)
    failures: deque[SupportMaxError] = field(default_factory=deque)

    def send(self, raw: bytes, sender: str, recipient: str) -> str:
        if self.failures:
            raise self.failures.popleft()
        self.sent.append(SentMail(raw, sender, recipient))
        return f"delivery-{len(self.sent)}"


@dataclass
class ScriptedLLM:
    """Answers, or failures, in the order they were put in; remembers what it was asked."""

    script: deque[dict[str, Any] | SupportMaxError] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)
    model: str = "scripted"

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        self.asked.append(prompt.user)
        if not self.script:
            raise NoCompletion("the script is at its end", "unavailable", Usage())
        answer = self.script.popleft()
        if isinstance(answer, SupportMaxError):
            raise answer
        return Completion(data=answer, usage=Usage(model="scripted", input_tokens=10, output_tokens=5))
