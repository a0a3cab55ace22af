"""Labels, and the examples that triage learns from. They live beside the articles, where the embedder is."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import Field, StringConstraints

from supportmax.domain.errors import NotFound
from supportmax.domain.events import LearningDue
from supportmax.domain.ids import parse_id
from supportmax.domain.tickets import Priority
from supportmax.domain.triage import ExampleStatus, Label, LabelledExample
from supportmax.runtime.http import Administrator, After, Body, Limit, SignedIn, Tools, cursor, page
from supportmax.services.check_ticket import check_group
from supportmax.services.describe_labels import describe_labels
from supportmax.services.learn_examples import Example
from supportmax.services.review_examples import approve_example, take_back_example, teach_examples

router = APIRouter(tags=["Triage"])

ExampleId = Annotated[str, Path(description="An example's id.", json_schema_extra={"format": "uuid"})]
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
    waiting: int = Field(description="Of those, how many wait for a second opinion.")


class ExampleView(ExampleBody):
    """A stored example."""

    id: UUID
    source: Literal["import", "agent"] = Field(description="`agent`: a correction, or taught by an agent.")
    status: ExampleStatus = Field(description="Only an `active` one counts; `waiting` needs a second opinion.")
    waits_for: str | None = Field(description="Why it does not count yet.")
    ticket_id: UUID | None = Field(description="The ticket whose category was corrected.")
    created_by: UUID | None
    decided_by: UUID | None = Field(description="Who approved it, or took it back.")
    created_at: datetime

    @classmethod
    def of(cls, example: LabelledExample) -> "ExampleView":
        return cls(**{name: getattr(example, name) for name in cls.model_fields})


class ExamplePage(Body):
    """Newest first; `next_cursor` is null on the last page."""

    examples: list[ExampleView]
    next_cursor: str | None


class LabelFigures(Body):
    """How well a label's examples are known by all the others; null where there was nothing to judge."""

    label: str
    precision: float | None
    recall: float | None
    examples: int


class Confusion(Body):
    """How often examples of one label are taken for another."""

    label: str
    taken_for: str
    count: int


class Suspect(Body):
    """An example that all the others would label differently; `by` how much, at most about 1."""

    id: UUID
    text: str
    label: str
    looks_like: str
    by: float


class TriageReportView(Body):
    """How good the examples were when triage was last fitted to them: each one judged by all others, worst first."""

    fitted_at: datetime
    examples: int
    judged: int
    accuracy: float
    head_share: float = Field(
        description="What the regression weighs beside the nearest examples' 1; 0: it is not used."
    )
    scope_threshold: float = Field(description="A text that is less known than that is out of scope.")
    labels: list[LabelFigures]
    confusions: list[Confusion]
    suspects: list[Suspect]


class FitRequested(Body):
    """It runs in the background; the report changes when it is done."""

    status: Literal["queued"] = "queued"


@router.get("/v1/labels", summary="List labels")
async def list_labels(agent: SignedIn, tools: Tools) -> list[LabelView]:
    """The categories that a ticket can have, each with the number of its examples."""
    with tools.store.begin(agent.workspace_id) as tx:
        return [LabelView.of(label) for label in tx.labels.list()]


@router.post("/v1/labels", status_code=201, summary="Make or change a label")
async def save_label(body: LabelBody, admin: Administrator, tools: Tools) -> LabelView:
    """A label with this name is changed; its examples stay. For administrators.

    Name and description are its first example: triage can start with them alone.
    """
    with tools.store.begin(admin.workspace_id) as tx:
        check_group(tx, body.group_id)
        label = tx.labels.save(body.name, body.description, body.priority, body.group_id, body.is_spam)
        tx.audit.add(str(admin.user.id), "label.saved", "label", label.id, {"name": label.name})
    describe_labels(tools.embedder_for(admin.workspace_id), tools.store, admin.workspace_id, [label.name])
    return LabelView.of(label)


@router.get("/v1/labelled-examples", summary="List labelled examples")
async def list_labelled_examples(
    agent: SignedIn,
    tools: Tools,
    status: Annotated[ExampleStatus | None, Query(description="Only those.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> ExamplePage:
    """Newest first. Those that are `waiting` need somebody to approve them."""
    with tools.store.begin(agent.workspace_id) as tx:
        rows = tx.examples.list(status, cursor(after), limit + 1)
    shown, next_cursor = page(rows, limit, lambda example: example.id)
    return ExamplePage(examples=[ExampleView.of(example) for example in shown], next_cursor=next_cursor)


@router.post("/v1/labelled-examples", status_code=201, summary="Teach examples")
async def add_labelled_examples(body: ExamplesBody, agent: SignedIn, tools: Tools) -> Learnt:
    """Triage listens to them from the next ticket on. Examples that are known already are left alone.

    An agent's example that contradicts the others waits for a second opinion, as a correction does.
    """
    examples = [Example(example.text, example.label) for example in body.examples]
    embedder = tools.embedder_for(agent.workspace_id)
    taught = teach_examples(embedder, tools.corpora, tools.store, agent.workspace_id, agent.user, examples)
    return Learnt(added=taught.added, waiting=taught.waiting)


@router.post(
    "/v1/labelled-examples/{example_id}/approve",
    summary="Approve a waiting example",
    responses={409: {"description": "It does not wait."}},
)
async def approve_labelled_example(example_id: ExampleId, agent: SignedIn, tools: Tools) -> ExampleView:
    """It counts from now on, in place of what said otherwise of the same text. Not by the agent who brought it."""
    with tools.store.begin(agent.workspace_id) as tx:
        return ExampleView.of(approve_example(tx, parse_id(example_id, "example"), agent.user))


@router.delete("/v1/labelled-examples/{example_id}", status_code=204, summary="Take back an example")
async def delete_labelled_example(example_id: ExampleId, agent: SignedIn, tools: Tools) -> None:
    """It no longer counts; it stays in the list as `retired`. For who brought it, and for administrators."""
    with tools.store.begin(agent.workspace_id) as tx:
        take_back_example(tx, parse_id(example_id, "example"), agent.user)


@router.get(
    "/v1/triage/report",
    summary="See how good the examples are",
    responses={404: {"description": "Triage was not fitted yet: it needs 20 examples of two labels."}},
)
async def triage_report(agent: SignedIn, tools: Tools) -> TriageReportView:
    """Precision and recall of each label, labels taken for each other, examples that look mislabelled."""
    with tools.store.begin(agent.workspace_id) as tx:
        _, newest = tx.triage_models.state(tx.embedding.active())
        if newest is None:
            raise NotFound("Triage was not fitted yet: it needs 20 examples of two labels, and a few minutes.")
        model = tx.triage_models.get(newest)
    figures = {name: model.metrics[name] for name in ("examples", "head_share", "scope_threshold")}
    return TriageReportView(fitted_at=model.created_at, **figures, **model.metrics["report"])


@router.post("/v1/triage/fit", status_code=202, summary="Fit triage now")
async def fit_triage_now(admin: Administrator, tools: Tools) -> FitRequested:
    """It also happens by itself within minutes of a change. Nothing changes where no example did."""
    with tools.store.begin(admin.workspace_id) as tx:
        tx.outbox.add(LearningDue(task="fit-triage"))
    return FitRequested()
