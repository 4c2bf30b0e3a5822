"""How strongly two rows speak for being one case: Fellegi–Sunter weights in bits.

A field that compares in some way adds log2(m / u): m is how often two reports of one case compare so, u how often
two unrelated rows do. Source: I. P. Fellegi and A. B. Sunter (1969), A theory for record linkage, Journal of the
American Statistical Association 64 (328), 1183–1210, https://doi.org/10.1080/01621459.1969.10501049; as in their
Method I, u belongs to the value: two rows agree on a rare commune by chance less often than on a busy one.

The m are stated in the tables of `geo.intake.duplicates`, since no linked file exists to learn them from. The u are
counted: the share of all other rows that stand so to this row. A stated chance weighs as much as `PRIOR_ROWS`
rows, so that ten rows do not speak like a thousand; one row more of other values moves a weight by at most
log2((n + 9) / (n + 8)) bits, 0.05 at twenty rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PRIOR_ROWS = 10.0
"""How many rows the stated chance of an agreement is worth beside the counted one."""


@dataclass(frozen=True)
class Level:
    """One way in which two rows can compare in a field.

    Attributes
    ----------
    said
        What a planner reads.
    same
        m: the share of pairs of reports of one case that compare so, among those where both tell the field.
    chance
        u before any row is counted: the share of unrelated pairs that compare so. Not asked of a disagreement,
        which is what the other levels leave.
    """

    said: Message
    same: float
    chance: float = 0.0


class Comparison:
    """One field of n rows, ready to weigh pairs of them.

    Parameters
    ----------
    codes
        The rows' values as numbers from 0, −1 where missing, shape (n,).
    size
        How many values there are.
    relations
        For each level, the pairs of values that stand so to each other, as sorted ``value * size + value``.
        The first level that fits counts.
    different
        The level of all other pairs.
    """

    def __init__(self, codes: Ints, size: int, relations: Sequence[tuple[Level, Ints]], different: Level) -> None:
        self.codes, self.size = codes, max(size, 1)
        self.pairs = [pairs for _, pairs in relations]
        self.said = [*(level.said for level, _ in relations), different.said]
        counts = np.bincount(codes[codes >= 0], minlength=self.size).astype(float)
        rows = counts.sum()
        stated = sum(level.chance for level, _ in relations)
        alike, bits = 0.0, []
        for level, pairs in relations:
            value, other = np.divmod(pairs, self.size)
            related = np.bincount(value, weights=counts[other], minlength=self.size)
            alike += float(counts @ related) / max(rows, 1.0)
            # Of the rows related to this one, the partner is no chance, nor is the row itself.
            beside = np.ones(self.size)
            beside[value[value == other]] += 1
            others = np.maximum(related - beside, 0.0) + PRIOR_ROWS * level.chance
            bits.append(np.log2(level.same * (max(rows - 2, 0.0) + PRIOR_ROWS) / others))
        unlike = 1 - (alike + PRIOR_ROWS * stated) / (rows + PRIOR_ROWS)
        bits.append(np.full(self.size, np.log2(different.same / max(unlike, different.same))))
        self.bits: Floats = np.stack(bits)

    def levels(self, a: Ints, b: Ints) -> Ints:
        """Return the level of each pair of rows, −1 where one tells nothing; the last one is "different"."""
        pair = self.codes[a] * self.size + self.codes[b]
        level = np.full(len(pair), len(self.pairs))
        for number in reversed(range(len(self.pairs))):
            level[_contained(pair, self.pairs[number])] = number
        level[(self.codes[a] < 0) | (self.codes[b] < 0)] = -1
        return level

    def weigh(self, a: Ints, b: Ints) -> Floats:
        """Return the weight of each pair, in bits; where both rows have their own chance, the greater one counts."""
        level = self.levels(a, b)
        weights: Floats = np.minimum(self.bits[level, self.codes[a]], self.bits[level, self.codes[b]])
        return np.where(level < 0, 0.0, weights)

    def explain(self, a: Ints, b: Ints) -> list[Message | None]:
        """Return what to say of each pair, None where one of the rows tells nothing."""
        return [self.said[level] if level >= 0 else None for level in self.levels(a, b)]


def _contained(values: Ints, among: Ints) -> NDArray[np.bool_]:
    """Return which values are in a sorted array."""
    if not among.size:
        return np.zeros(len(values), dtype=bool)
    found: NDArray[np.bool_] = among[np.searchsorted(among, values).clip(max=among.size - 1)] == values
    return found


@dataclass(frozen=True)
class Field:
    """A column that is compared by its value.

    Attributes
    ----------
    column
        Its name; a table without it says nothing.
    topic
        Fields of one topic tell the same thing twice: of their agreements the strongest counts, of their
        disagreements the strongest too.
    alike, near, different
        The levels; values are near that differ by one, or stand next to each other in ``order``.
    order
        The values of a text column in order; others (such as "unknown") tell nothing. Empty: all values, no order.
    """

    column: str
    topic: str
    alike: Level
    different: Level
    near: Level | None = None
    order: tuple[str, ...] = ()

    def compare(self, column: pd.Series) -> Comparison:
        """Prepare a column's values."""
        codes, ranks = self._ranked(column)
        value = np.arange(len(ranks))
        relations = [(self.alike, value * len(ranks) + value)]
        if self.near:
            step = value[:-1][np.diff(ranks) == 1]
            both = np.concatenate([step * len(ranks) + step + 1, (step + 1) * len(ranks) + step])
            relations.append((self.near, np.sort(both)))
        return Comparison(codes, len(ranks), relations, self.different)

    def _ranked(self, column: pd.Series) -> tuple[Ints, Ints]:
        """Return the rows' codes, and the rank of each code's value."""
        if self.order:
            return pd.Index(self.order).get_indexer(column).astype(np.int64), np.arange(len(self.order))
        codes, values = pd.factorize(column, sort=True)
        numbers = pd.api.types.is_numeric_dtype(column)
        return codes.astype(np.int64), values.to_numpy(dtype=np.int64) if numbers else np.arange(len(values))
