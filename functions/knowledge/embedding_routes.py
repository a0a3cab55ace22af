"""Which embedding model searches and triage use, and the change to another one while the desk is live."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from supportmax.domain.embedding import EmbeddingStatus, SpareState
from supportmax.runtime.http import Administrator, Body, SignedIn, Tools
from supportmax.services import switch_embedding

router = APIRouter(tags=["Knowledge"])
ModelText = Annotated[str, StringConstraints(min_length=1, max_length=210, strip_whitespace=True)]
WORDS = "`name` or `name@dimensions` of a model at the embeddings endpoint, or the local model's name."


class SpareIndexView(Body):
    """The index beside the active one: how much it has of what can be found and of what triage has learnt."""

    model: str
    state: SpareState = Field(
        description="`building`: not everything is in it. `ready`: it can be switched to. `previous`: it was the "
        "active one, is kept up to date, and can be gone back to."
    )
    articles: int
    articles_done: int
    examples: int
    examples_done: int
    calibrated: bool = Field(
        description="Whether it is known how sure answers are: measured on 20 titles and example questions or more. "
        "Until then a desk that uses the model hands over what it would answer."
    )
    trouble: str | None = Field(description="Why something is missing, as far as that is known.")
    created_at: datetime


class EmbeddingsView(Body):
    """`active`: the model in use. `spare`: null without a second index."""

    active: str
    spare: SpareIndexView | None

    @classmethod
    def of(cls, status: EmbeddingStatus) -> "EmbeddingsView":
        spare, filled, state = status.spare, status.filled, status.state
        if spare is None or filled is None or state is None:
            return cls(active=status.active, spare=None)
        counts = {name: getattr(filled, name) for name in filled.__slots__}
        trouble = spare.trouble if filled.missing else None
        view = SpareIndexView(model=spare.model, state=state, trouble=trouble, created_at=spare.created_at, **counts)
        return cls(active=status.active, spare=view)


class ModelBody(Body):
    """A model, written `name` or `name@dimensions`."""

    model: ModelText = Field(description=WORDS)


@router.get("/v1/embeddings", summary="See the embedding models")
async def get_embeddings(agent: SignedIn, tools: Tools) -> EmbeddingsView:
    """The active model, and how far the second index is."""
    with tools.store.begin(agent.workspace_id) as tx:
        return EmbeddingsView.of(switch_embedding.embedding_status(tx))


@router.post(
    "/v1/embeddings",
    status_code=202,
    summary="Fill an index for another model",
    responses={409: {"description": "There is an index of another model already."}},
)
async def prepare_embeddings(body: ModelBody, admin: Administrator, tools: Tools) -> EmbeddingsView:
    """Tries the model, then fills a second index in the background; searches go on with the first. For administrators.

    Asking again goes on where it stopped.
    """
    found = switch_embedding.prepare_index(
        tools.embedders, tools.store, admin.workspace_id, body.model, str(admin.user.id)
    )
    return EmbeddingsView.of(found)


@router.post(
    "/v1/embeddings/switch",
    summary="Switch to another model",
    responses={409: {"description": "Its index is not complete."}},
)
async def switch_embeddings(body: ModelBody, admin: Administrator, tools: Tools) -> EmbeddingsView:
    """All at once; the index of before stays, to go back to. For administrators."""
    return EmbeddingsView.of(
        switch_embedding.switch_index(tools.store, admin.workspace_id, body.model, str(admin.user.id))
    )


@router.post("/v1/embeddings/rollback", summary="Go back to the model of before")
async def roll_back_embeddings(admin: Administrator, tools: Tools) -> EmbeddingsView:
    """At once, without embedding anything. For administrators."""
    return EmbeddingsView.of(switch_embedding.roll_back(tools.store, admin.workspace_id, str(admin.user.id)))


@router.delete(
    "/v1/embeddings",
    status_code=204,
    summary="Drop the second index",
    responses={409: {"description": "It was in use until a moment ago."}},
)
async def drop_embeddings(
    admin: Administrator, tools: Tools, model: Annotated[ModelText, Query(description=WORDS)]
) -> None:
    """The index that is not in use; there is no way back then. For administrators."""
    switch_embedding.drop_index(tools.store, admin.workspace_id, model, str(admin.user.id))
