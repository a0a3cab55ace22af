"""Find out how sure answers by another embedding model are, on what the knowledge base itself says.

Cosines of two models do not mean the same, so the calibration that comes with the product, made with the local model,
says nothing about another one. The titles and example questions of the articles stand in for customers: each is looked
up as if it were not there (its own article is right), and as if its article were not there (nothing is right).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from supportmax.domain.calibration import Calibration
from supportmax.domain.clock import utcnow
from supportmax.domain.embedding import LOCAL_MODEL
from supportmax.domain.errors import InvalidInput
from supportmax.domain.knowledge import Hit, Probe
from supportmax.ports import Store
from supportmax.services.answering.calibrate import COPIES, EXAMPLES, weigh
from supportmax.services.answering.retrieve import CANDIDATES, rank
from supportmax.services.fit_calibration import Outcome, fit_calibration, outcome

# Titles and example questions. Fewer than the first say too little; more than the second take long and add nothing.
ENOUGH = 20
MOST = 300
# A knowledge base grows; so does what is known of it.
AGAIN_AFTER = timedelta(days=1)
# What one search brings of the article itself is left out, and must not crowd out the others.
OWN = 40
# What nobody has written about is seldom next door to what somebody has. Without this many related articles, one for
# every ten, the local model gets the thresholds that it has from real questions (docs/knowledge.md).
RELATED = 2
ARTICLES_A_RELATED = 10


def calibrate_index(store: Store, workspace_id: UUID, model: str) -> None:
    """Store a calibration for the model, unless there is a fresh one or too little to go by; none for the local one."""
    if model == LOCAL_MODEL:
        return
    with store.begin(workspace_id) as tx:
        newest = tx.calibrations.newest(model)
        fresh = newest is not None and utcnow() - newest < AGAIN_AFTER
        probes = [] if fresh else tx.chunks.probes(model, MOST)
    if len(probes) < ENOUGH:
        return
    outcomes = _observe(store, workspace_id, model, probes)
    try:
        calibration = _fit(model, outcomes)
    except InvalidInput:  # nothing was found right, or better scores were no better: nobody can say how sure to be
        return
    with store.begin(workspace_id) as tx:
        tx.calibrations.add(calibration, model, {"probes": len(probes)})


@dataclass(slots=True)
class _Outcomes:
    """By search alone, and where labelled examples join in."""

    alone: list[Outcome] = field(default_factory=list)
    with_examples: list[Outcome] = field(default_factory=list)


def _fit(model: str, outcomes: _Outcomes) -> Calibration:
    with_examples = outcomes.with_examples if len(outcomes.with_examples) >= 2 * ENOUGH else []
    return fit_calibration(f"{model} {utcnow():%Y-%m-%d}", outcomes.alone, with_examples, enough=2 * ENOUGH)


def _observe(store: Store, workspace_id: UUID, model: str, probes: Sequence[Probe]) -> _Outcomes:
    outcomes = _Outcomes()
    related = min(RELATED, len({probe.external_id for probe in probes}) // ARTICLES_A_RELATED)
    for probe in probes:
        with store.begin(workspace_id) as tx:
            hits = tx.chunks.search(probe.vector, probe.text, model, CANDIDATES + OWN)
            near = tx.examples.nearest(probe.vector, model, EXAMPLES + COPIES)
        others = [neighbour for neighbour in near if neighbour.text.strip() != probe.text.strip()][:EXAMPLES]
        right = frozenset({probe.external_id, *probe.topics})
        known = rank([hit for hit in hits if hit.chunk_id != probe.chunk_id], probe.text)
        outcomes.alone.append(outcome(weigh(known, ()), right))
        outcomes.alone.append(outcome(weigh(rank(_without(hits, right, related), probe.text), ()), frozenset()))
        # The examples go on voting for what is not there, so here it is enough to take away the article itself.
        strange = rank(_without(hits, right, 0), probe.text)
        for joined, relevant in ((weigh(known, others), right), (weigh(strange, others), frozenset[str]())):
            if joined.with_examples:
                outcomes.with_examples.append(outcome(joined, relevant))
    return outcomes


def _without(hits: Sequence[Hit], right: frozenset[str], related: int) -> list[Hit]:
    """What would be found without the right articles and the `related` ones that come next."""
    strange = [hit for hit in hits if not right & {hit.external_id, *hit.topics}]
    gone = list(dict.fromkeys(hit.external_id for hit in strange))[:related]
    return [hit for hit in strange if hit.external_id not in gone]
