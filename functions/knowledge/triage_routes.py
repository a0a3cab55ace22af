"""Labels, and the examples that triage learns from. They live beside the articles, where the embedder is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from supportmax.domain.tickets import Priority
from supportmax.domain.triage import Label
from supportmax.runtime.http import Administrator, After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.learn_examples import Example, learn_examples
from supportmax.services.manage_tickets import check_group

router = APIRouter(tags=["Triage"])

LabelName = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class LabelBody(Body):
    """A category, what it means, and what follows from it."""

    name: LabelName
    description: Annotated[str, StringConstraints(max_length=1_000)] = ""
    priority: Priority = Field(default="normal", description="That a ticket with this label gets, at least.")
    group_id: UUID | None = Field(default=None, description="The group that its tickets go to.")
    is_spam: bool = Field(default=False, description="Its tickets are tagged, closed and not answered.")


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
    """The categories that a ticket can have, each with the number of its examples."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [LabelView.of(label) for label in tx.labels.list()]


@router.post("/v1/labels", status_code=201, summary="Make or change a label")
async def save_label(body: LabelBody, admin: Administrator, tools: Tools) -> LabelView:
    """A label with this name is changed; its examples stay. For administrators."""
    with tools.store.begin(admin.workspace_id) as tx:
        check_group(tx, body.group_id)
        label = tx.labels.save(body.name, body.description, body.priority, body.group_id, body.is_spam)
        tx.audit.add(str(admin.user.id), "label.saved", "label", label.id, {"name": label.name})
    return LabelView.of(label)


@router.get("/v1/labelled-examples", summary="List labelled examples")
async def list_labelled_examples(agent: SignedIn, tools: Tools, after: After = None, limit: Limit = 50) -> ExamplePage:
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.examples.list(cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda row: UUID(str(row["id"])))
    return ExamplePage(examples=[ExampleView(**row) for row in shown], next_cursor=next_cursor)


@router.post("/v1/labelled-examples", status_code=201, summary="Teach examples")
async def add_labelled_examples(body: ExamplesBody, agent: SignedIn, tools: Tools) -> Learnt:
    """Triage listens to them from the next ticket on. Examples that are known already are left alone."""
    examples = [Example(example.text, example.label) for example in body.examples]
    return Learnt(
        added=learn_examples(tools.embedder_for(agent.workspace_id), tools.store, agent.workspace_id, examples)
    )
