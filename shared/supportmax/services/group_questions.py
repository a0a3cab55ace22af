"""Which questions ask the same."""

from collections.abc import Sequence

from supportmax.domain.knowledge import Vector

# Measured on 300 questions of 25 BANKING77 intents and 60 out-of-scope ones: groups of two and more were 92 % of one
# intent and took in 64 % of all questions; at 0.65 it was 88 % and 71 %, at 0.75 97 % and 54 %.
SAME = 0.7


def group_questions(vectors: Sequence[Vector]) -> list[list[int]]:
    """Positions of the vectors (unit length) by group, the largest group first, the most typical question first.

    Whoever has the most neighbours among those left makes the next group of them.
    """
    import numpy as np

    if not vectors:
        return []
    table = np.array(vectors)
    alike = np.einsum("ik,jk->ij", table, table)
    left = np.ones(len(vectors), dtype=bool)
    groups: list[list[int]] = []
    while left.any():
        counts = np.where(left, ((alike >= SAME) & left).sum(axis=1), -1)
        middle = int(counts.argmax())
        members = np.flatnonzero((alike[middle] >= SAME) & left | (np.arange(len(vectors)) == middle))
        groups.append(sorted(members.tolist(), key=lambda i: (-alike[middle, i], i)))
        left[members] = False
    return groups
