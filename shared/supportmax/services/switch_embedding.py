"""Change the embedding model of a live desk: prepare a second index beside the first, switch to it, go back, drop it.

At any time a search compares a question with vectors of one model: the one that the question was embedded with. The
rows of both models stay side by side until the spare index is dropped, so a function that has not heard of a switch yet
searches the rows of before.
"""

from datetime import timedelta
from uuid import UUID

from supportmax.domain.clock import utcnow
from supportmax.domain.embedding import LOCAL_MODEL, EmbeddingStatus, ModelName, SpareIndex
from supportmax.domain.errors import Conflict, InvalidInput, NotFound, PermanentFailure, TransientFailure
from supportmax.domain.events import IndexFellBehind
from supportmax.ports import Embedders, Store, Transaction

# Longer than a function remembers the active model, and a question takes to be embedded.
IN_USE = timedelta(minutes=1)
# Longer than the index queue needs to try a failed message again.
FILLING = timedelta(minutes=15)
# Longer than a batch takes with all its tries: who asks again does not wait for the queue.
BATCH = timedelta(minutes=2)


def embedding_status(tx: Transaction) -> EmbeddingStatus:
    """What is active, what lies beside it, and how far that is."""
    spare = tx.embedding.spare()
    return EmbeddingStatus(tx.embedding.active(), spare, tx.embedding.filled() if spare else None)


def prepare_index(embedders: Embedders, store: Store, workspace_id: UUID, wanted: str, actor: str) -> EmbeddingStatus:
    """Begin to fill an index for the model, or go on with it.

    Raises InvalidInput if the model does not work, Conflict while there is an index of another one.
    """
    name = ModelName.parse(wanted)
    with store.begin(workspace_id) as tx:
        status = embedding_status(tx)
    if not name.means(status.active):
        known = status.spare and name.means(status.spare.model)
        model = status.spare.model if status.spare and known else probe(embedders, name)
        with store.begin(workspace_id) as tx:
            tx.embedding.lock()
            _prepare(tx, model, actor)
    with store.begin(workspace_id) as tx:
        return embedding_status(tx)


def _prepare(tx: Transaction, model: str, actor: str) -> None:
    spare = tx.embedding.spare()
    if spare is not None and spare.model != model:
        raise Conflict(f"There is an index of {spare.model} already: drop it first.")
    if model == tx.embedding.active():
        return
    if spare is None:
        tx.embedding.prepare(model)
        tx.audit.add(actor, "embedding.prepared", "workspace", tx.workspace_id, {"model": model})
    start_filling(tx, timedelta(0) if spare and spare.trouble else BATCH)


def probe(embedders: Embedders, name: ModelName) -> str:
    """The model's stored name, with the dimensions that it really has. Raises InvalidInput if it does not work."""
    if str(name) == LOCAL_MODEL:
        return LOCAL_MODEL
    try:
        (vector,) = embedders.named(str(name)).embed(["How do I reset my password?"])
    except (PermanentFailure, TransientFailure) as error:
        raise InvalidInput(f"model: {name} cannot be used: {error.message}") from None
    return str(ModelName.parse(f"{name.name}@{len(vector)}"))


def switch_index(store: Store, workspace_id: UUID, wanted: str, actor: str) -> EmbeddingStatus:
    """Searches use the model from this commit on. Raises NotFound without its index, Conflict if that is incomplete."""
    name = ModelName.parse(wanted)
    with store.begin(workspace_id) as tx:
        tx.embedding.lock()
        status = embedding_status(tx)
        if not name.means(status.active):
            if status.spare is None or status.filled is None or not name.means(status.spare.model):
                raise NotFound(f"There is no index of {name}: prepare it first.")
            _check_complete(status, name)
            _swap(tx, status.spare, "embedding.switched", actor)
        return embedding_status(tx)


def _check_complete(status: EmbeddingStatus, name: ModelName) -> None:
    missing = status.filled.missing if status.filled else 0
    if missing:
        trouble = f" It stopped: {status.spare.trouble}" if status.spare and status.spare.trouble else ""
        raise Conflict(f"{missing} articles and examples are not in the index of {name} yet.{trouble}")
    if status.calibrating:
        raise Conflict(f"How sure answers by {name} are is being measured: try again in a few seconds.")


def roll_back(store: Store, workspace_id: UUID, actor: str) -> EmbeddingStatus:
    """Back to the model of before, at once: what its index may lack by now is filled in afterwards."""
    with store.begin(workspace_id) as tx:
        tx.embedding.lock()
        spare = tx.embedding.spare()
        if spare is None or spare.active_until is None:
            raise NotFound("There is no earlier model to go back to.")
        _swap(tx, spare, "embedding.rolled_back", actor)
        start_filling(tx)
        return embedding_status(tx)


def _swap(tx: Transaction, spare: SpareIndex, action: str, actor: str) -> None:
    before = tx.embedding.active()
    tx.embedding.swap()
    tx.audit.add(actor, action, "workspace", tx.workspace_id, {"from": before, "to": spare.model})


def drop_index(store: Store, workspace_id: UUID, wanted: str, actor: str) -> None:
    """Remove the spare index. Raises NotFound if it is not the model's, Conflict while something may still read it."""
    name = ModelName.parse(wanted)
    with store.begin(workspace_id) as tx:
        tx.embedding.lock()
        active, spare = tx.embedding.active(), tx.embedding.spare()
        if name.means(active):
            raise InvalidInput(f"model: {active} is in use: switch to another one first")
        if spare is None or not name.means(spare.model):
            raise NotFound(f"There is no index of {name}.")
        _check_unused(tx, active, spare)
        tx.embedding.drop()
        tx.audit.add(actor, "embedding.dropped", "workspace", tx.workspace_id, {"model": spare.model})


def _check_unused(tx: Transaction, active: str, spare: SpareIndex) -> None:
    if spare.active_until and utcnow() - spare.active_until < IN_USE:
        raise Conflict(f"{spare.model} was in use until a moment ago: drop it in a minute.")
    if tx.embedding.examples_missing(active, None, 1):
        raise Conflict(f"Some examples have only the vectors of {spare.model} yet: drop it in a few minutes.")


def start_filling(tx: Transaction, patience: timedelta = FILLING) -> None:
    """Ask for what either index lacks, unless that is being filled in already."""
    spare = tx.embedding.spare()
    if spare is None or (spare.filling_at and utcnow() - spare.filling_at < patience):
        return
    for model in (tx.embedding.active(), spare.model):
        if tx.embedding.articles_missing(model, None, 1) or tx.embedding.examples_missing(model, None, 1):
            tx.embedding.begin_filling()
            tx.outbox.add(IndexFellBehind(model=model))
