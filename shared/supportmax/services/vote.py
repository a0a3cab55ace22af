"""A vote of the nearest neighbours, weighted by how near they are."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence


def shares(neighbours: Iterable[tuple[str, float]], temperature: float) -> dict[str, float]:
    """Each candidate's share of the vote, largest first; the shares add up to 1.

    `neighbours` are (candidate, similarity); a lower `temperature` listens more to the very nearest.
    """
    voters: Sequence[tuple[str, float]] = list(neighbours)
    if not voters:
        return {}
    top = max(similarity for _, similarity in voters)
    votes: dict[str, float] = defaultdict(float)
    for candidate, similarity in voters:
        votes[candidate] += math.exp((similarity - top) / temperature)
    total = sum(votes.values())
    return {name: vote / total for name, vote in sorted(votes.items(), key=lambda item: -item[1])}


def familiarity(similarity: float, middle: float, width: float) -> float:
    """How well the known texts cover this one, from the nearest one's cosine: a soft step from 0 to 1."""
    return 1 / (1 + math.exp((middle - similarity) / width))
