"""Labels, and the examples that triage learns from. They live beside the articles, where the embedder is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from supportmax.domain.tickets import Priority
from supportmax.domain.triage import Label
from supportmax.runtime.http import Administrator, After, Body, Limit, Problem, SignedIn, Tools, cursor, page
from supportmax.services.learn_examples import Example, learn_examples

router = APIRouter(
    tags=["Triage"], responses={code: {"model": Problem} for code in (400, 401, 403, 404, 413, 422, 503)}
)

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class LabelBody(Body):
    """A category, what it means, and what follows from it."""

    name: LabelName
    description: Annotated[str, StringConstraints(max_length=1_000)] = ""
    priority: Priority = "normal"
    group_id: UUID | None = None
    is_spam: bool = False


class LabelView(LabelBody):
    """A label with the number of its examples."""

    id: UUID
    examples: int

    @classmethod
    def of(cls, label: Label) -> "LabelView":
        return cls(**{name: getattr(label, name) for name in cls.model_fields})


class ExampleBody(Body):
    """A text and the label it should get."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
    label: LabelName


class ExamplesBody(Body):
    """Up to 200 examples of labels that exist."""

    examples: Annotated[list[ExampleBody], Field(min_length=1, max_length=200)]


class Learnt(Body):
    """How many were new; the others were known."""

    added: int


class ExampleView(ExampleBody):
    """A stored example."""

    id: UUID
    created_at: datetime


class ExamplePage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    examples: list[ExampleView]
    next_cursor: str | None


@router.get("/v1/labels", summary="List labels")
async def list_labels(agent: SignedIn, tools: Tools) -> list[LabelView]:
    with tools.store.begin(agent.workspace_id) as tx:
        return [LabelView.of(label) for label in tx.labels.list()]


@router.post("/v1/labels", status_code=201, summary="Make or change a label")
async def save_label(body: LabelBody, admin: Administrator, tools: Tools) -> LabelView:
    with tools.store.begin(admin.workspace_id) as tx:
        label = tx.labels.save(body.name, body.description, body.priority, body.group_id, body.is_spam)
        tx.audit.add(str(admin.user.id), "label.saved", "label", label.id, {"name": label.name})
    return LabelView.of(label)


@router.get("/v1/labelled-examples", summary="List labelled examples")
async def list_examples(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> ExamplePage:
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.examples.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda row: UUID(str(row["id"])))
    return ExamplePage(examples=[ExampleView(**row) for row in shown], next_cursor=next_cursor)


@router.post("/v1/labelled-examples", status_code=201, summary="Teach examples")
async def add_examples(body: ExamplesBody, agent: SignedIn, tools: Tools) -> Learnt:
    examples = [Example(example.text, example.label) for example in body.examples]
    return Learnt(added=learn_examples(tools.embedder, tools.store, agent.workspace_id, examples))
