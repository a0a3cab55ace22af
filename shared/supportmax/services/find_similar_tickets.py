"""Tickets by what they mean: those that resemble a ticket, and a search for words that nobody wrote."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from supportmax.domain.copilot import SimilarTicket
from supportmax.domain.errors import InvalidInput
from supportmax.domain.knowledge import Vector
from supportmax.domain.ticket_search import TicketQuery
from supportmax.domain.tickets import Ticket
from supportmax.ports import Embedder, Store, Transaction
from supportmax.services.conversation_of import conversation_of, text_of
from supportmax.services.search_tickets import Asker, read_query

# The nearest of all; where few of them meet the filters, the newest that do are compared, too.
CANDIDATES = 300
NEWEST = 1_000
FEW = 50
# Cosines of the local model. What resembles a ticket is offered unasked, so it has to; a search is asked for, and its
# few words are further from any message than another message is.
ALIKE = 0.4
ABOUT = 0.25
SETTLED: tuple[dict[str, Any], ...] = (
    {"field": "status", "values": ["solved", "closed"]},
    {"field": "merged_into_id", "values": [], "not": True},
    {"field": "tags", "values": ["spam"], "not": True},
)


def similar_tickets(
    embedder: Embedder, store: Store, workspace_id: UUID, ticket_id: UUID, limit: int
) -> list[SimilarTicket]:
    """Solved and closed tickets that resemble this one, the most alike first. Raises NotFound."""
    with store.begin(workspace_id) as tx:
        conversation = conversation_of(tx, ticket_id)
        vector = tx.ticket_vectors.of(conversation.ticket.id, embedder.model)
    if vector is None:
        text = text_of(conversation.asked[0]) if conversation.asked else conversation.ticket.subject
        (vector,) = embedder.embed([text])
    with store.begin(workspace_id) as tx:
        found = _find(tx, embedder.model, vector, TicketQuery(SETTLED), ALIKE)[: limit + 1]
        return _answered(tx, [each for each in found if each[0].id != conversation.ticket.id][:limit])


def tickets_about(
    embedder: Embedder, store: Store, workspace_id: UUID, text: str, asker: Asker, limit: int
) -> list[SimilarTicket]:
    """Tickets that are about the words of a search and meet its filters. Raises InvalidInput."""
    with store.begin(workspace_id) as tx:
        query = read_query(tx, text, asker)
    words = " ".join(word["text"] for word in query.words if not word["not"])
    if not words:
        raise InvalidInput("q: write what the tickets should be about, beside any filters")
    (vector,) = embedder.embed([words])
    query = replace(query, words=tuple(word for word in query.words if word["not"]))
    with store.begin(workspace_id) as tx:
        return _answered(tx, _find(tx, embedder.model, vector, query, ABOUT)[:limit])


def _find(tx: Transaction, model: str, vector: Vector, query: TicketQuery, least: float) -> list[tuple[Ticket, float]]:
    """Tickets that meet the query with their cosines of at least `least`, the most alike first."""
    query = replace(query, sort="created", descending=True)
    near = tx.tickets_by_meaning.nearest(vector, model, CANDIDATES)
    similarity = {each.ticket_id: each.similarity for each in near}
    numbers = {"field": "number", "values": [str(each.number) for each in near]}
    among = replace(query, conditions=(*query.conditions, numbers))
    tickets = tx.ticket_finder.find(among, None, CANDIDATES) if near else []
    if len(tickets) < FEW and len(near) == CANDIDATES:
        tickets += [ticket for ticket in tx.ticket_finder.find(query, None, NEWEST) if ticket.id not in similarity]
        similarity |= tx.tickets_by_meaning.compare(vector, model, [ticket.id for ticket in tickets])
    known = [(ticket, similarity.get(ticket.id, 0.0)) for ticket in tickets]
    return sorted((pair for pair in known if pair[1] >= least), key=lambda pair: -pair[1])


def _answered(tx: Transaction, found: Sequence[tuple[Ticket, float]]) -> list[SimilarTicket]:
    answers = tx.tickets_by_meaning.last_answers([ticket.id for ticket, _ in found])
    return [SimilarTicket(ticket, similarity, answers.get(ticket.id)) for ticket, similarity in found]
