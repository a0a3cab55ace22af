"""What is learnt on the schedule."""

from supportmax.domain.events import Envelope, LearningDue
from supportmax.ports import Embedders, Store
from supportmax.services.calibrate_index import calibrate_index
from supportmax.services.embed_tickets import embed_tickets
from supportmax.services.fit_triage import fit_triage
from supportmax.services.propose_articles import propose_articles


def learn(embedders: Embedders, store: Store, envelope: Envelope) -> None:
    """Handle LearningDue. Each task finds nothing to do the second time, so a repeated message changes nothing."""
    event = envelope.event
    assert isinstance(event, LearningDue)
    with store.begin(envelope.workspace_id) as tx:
        model = tx.embedding.active()
    if event.task == "calibrate":
        calibrate_index(store, envelope.workspace_id, model)
    if event.task == "propose-articles":
        propose_articles(embedders, store, envelope.workspace_id)
    if event.task == "embed-tickets":
        embed_tickets(embedders.named(model), store, envelope.workspace_id)
    if event.task == "fit-triage":
        fit_triage(embedders.named(model), store, envelope.workspace_id)
