"""What answers cost with a language model: the tokens of real prompts, at list prices.

Every conversation is a customer's question and a follow-up, so that half of the messages also pay for being rewritten.
The prompts are the ones that the desk writes; the model is a stand-in that answers with the passages' own opening
sentences. Its tokens are estimated from characters.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.corpus import questions
from bench.places import ARTICLES
from bench.progress import Steps
from infra.evaluation.desk import EvaluationDesk, open_desk
from supportmax.domain.answers import Usage
from supportmax.domain.prices import Price, price_of
from supportmax.ports import CallLimits, Completion, OnText, Prompt
from supportmax.services.answer_question import Answerer
from supportmax.services.ask_model import Limits, Models, Provider
from supportmax.services.read_articles import read_articles
from supportmax.services.take_chat_turn import Said, take_chat_turn

FOLLOW_UP = "And how long does that take?"
# OpenAI's rule of thumb for English; the vendors' own counts differ by up to a fifth.
CHARACTERS_A_TOKEN = 4
# Roles, and the schema as the vendor spells it to the model.
OVERHEAD_TOKENS = 50
SENTENCES = 4
MODELS = (
    "gpt-4o-mini",
    "gemini-2.5-flash",
    "gpt-4.1-mini",
    "claude-haiku-4-5",
    "gpt-4.1",
    "gpt-4o",
    "claude-sonnet-4-5",
)
FREE = Price(0, 0, 0)
CONVERSATIONS = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens of all calls for each answered message; `dollars` by model for 1,000 of them."""

    messages: int
    answered: int
    calls: float
    input_tokens: float
    output_tokens: float
    dollars: dict[str, float]


@dataclass(slots=True)
class StandIn:
    """Answers every prompt at once, out of the prompt itself. `usage` has one entry a call."""

    model: str = "stand-in"
    usage: list[Usage] = field(default_factory=list)

    def complete(self, prompt: Prompt, limits: CallLimits, on_text: OnText | None = None) -> Completion:
        user = json.loads(prompt.user)
        data = _answer(user) if prompt.purpose == "answer" else _in_one(user)
        asked = len(prompt.system) + len(prompt.user) + len(json.dumps(prompt.schema))
        used = Usage(
            model=self.model,
            input_tokens=_tokens(asked) + OVERHEAD_TOKENS,
            output_tokens=_tokens(len(json.dumps(data))),
        )
        self.usage.append(used)
        return Completion(data, used)


def _tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_A_TOKEN)


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    """The opening sentences of the first passage, each with its source."""
    first = asked["passages"][0]
    sentences = re.split(r"(?<=[.!?])\s+", first["text"])[:SENTENCES]
    return {"action": "answer", "sentences": [{"text": text, "sources": [first["id"]]} for text in sentences]}


def _in_one(asked: dict[str, Any]) -> dict[str, Any]:
    """The earlier question and the follow-up as one."""
    return {"question": " ".join([*asked["earlier"][-1:], asked["message"]])}


def measure(limit: int, steps: Steps) -> Cost:
    """`limit` conversations with a desk of the sample articles."""
    stand_in = StandIn()
    answered = 0
    with open_desk() as desk:
        desk.teach(read_articles(ARTICLES))
        for asked in questions(limit):
            answered += _converse(desk, stand_in, asked.text)
            steps.advance()
    return _cost(2 * limit, answered, stand_in.usage)


def _converse(desk: EvaluationDesk, stand_in: StandIn, question: str) -> int:
    """How many of the two messages were answered."""
    models = Models([Provider("stand-in", stand_in, FREE)], Limits(daily_budget_microusd=10**12))
    answerer = Answerer(desk.embedder, models)
    first = take_chat_turn(answerer, desk.store, desk.workspace_id, Said(question), "")
    second = take_chat_turn(answerer, desk.store, desk.workspace_id, Said(FOLLOW_UP, first.session_id), "")
    return [first.answer.action, second.answer.action].count("answer")


def _cost(messages: int, answered: int, usage: Sequence[Usage]) -> Cost:
    asked, written = (
        sum(tokens) / answered for tokens in zip(*((u.input_tokens, u.output_tokens) for u in usage), strict=True)
    )
    dollars = {model: price_of(model).of(round(1_000 * asked), 0, round(1_000 * written)) / 1e6 for model in MODELS}
    return Cost(messages, answered, len(usage) / answered, asked, written, dollars)
