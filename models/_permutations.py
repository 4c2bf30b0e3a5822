"""Conditional permutations: how often other values in a unit's neighbourhood would sum to as much, or as little.

Arrays only. Each unit has its own stream of random numbers, made from the seed and the unit's number, so that neither
the number of threads nor the order of units changes a bit of the result, and no global state is touched. A stream is
that of SplitMix64 (Steele, Lea & Flood 2014); of 64 bits two draws are made, each even to within n / 2³².
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.density._threads import in_bands

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST_MIX, SECOND_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
LOW_HALF, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
BY_30, BY_27, BY_31 = np.uint64(30), np.uint64(27), np.uint64(31)
LARGEST_MARK = 2**16 - 1

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def count_extremes(
    values: Floats,
    own: Integers,
    first: Integers,
    weights: Floats,
    observed: Floats,
    slack: Floats,
    permutations: int,
    key: np.uint64,
    stream: int,
    threads: int,
) -> tuple[Integers, Integers]:
    """Return for each row how many permuted sums are at least, and at most, the observed one.

    A row's own value stays where it is; its neighbours' places get values drawn without replacement from all others.

    Parameters
    ----------
    values
        All values, shape (n,).
    own
        Position of each row's own value among them, shape (rows,).
    first, weights
        The weights of row i's neighbours are ``weights[first[i]:first[i + 1]]``. Which units they belong to is of no
        matter under permutation.
    observed, slack
        The observed weighted sums, and by how much sums may differ and still be tied, shape (rows,).
    key, stream
        Key of the random numbers, and the stream of the first row; the next row has the next stream.

    Returns
    -------
    at_least, at_most
        Counts from 0 to ``permutations``, shape (rows,); both are ``permutations`` for a row without neighbours.
    """
    at_least = np.full(own.size, permutations)
    at_most = np.full(own.size, permutations)

    def some(begin: int, end: int) -> None:
        _count(values, own, first, weights, observed, slack, permutations, key, stream, begin, end, at_least, at_most)

    in_bands(some, permutations * (np.diff(first) + 1.0), threads)
    return at_least, at_most


@njit(cache=True, nogil=True)
def _mixed(state: np.uint64) -> np.uint64:
    state = (state ^ (state >> BY_30)) * FIRST_MIX
    state = (state ^ (state >> BY_27)) * SECOND_MIX
    return state ^ (state >> BY_31)


@njit(cache=True, nogil=True)
def _count(
    values: Floats,
    own: Integers,
    first: Integers,
    weights: Floats,
    observed: Floats,
    slack: Floats,
    permutations: int,
    key: np.uint64,
    stream: int,
    begin: int,
    end: int,
    at_least: Integers,
    at_most: Integers,
) -> None:
    """Count for the rows from ``begin`` to before ``end``; what a permutation has drawn before is drawn anew."""
    pool = values.copy()
    last = pool.size - 1
    drawn_in = np.zeros(pool.size, np.uint16)
    permutation = 0
    for row in range(begin, end):
        mine = weights[first[row] : first[row + 1]]
        if not mine.size:
            continue
        low, high = observed[row] - slack[row], observed[row] + slack[row]
        above = below = 0
        state = _mixed(key + np.uint64(stream + row) * GOLDEN)
        bits, half_left = np.uint64(0), False
        # The own value waits at the end, out of reach of the draws.
        pool[own[row]], pool[last] = pool[last], pool[own[row]]
        for _ in range(permutations):
            if permutation == LARGEST_MARK:
                drawn_in[:] = 0
                permutation = 0
            permutation += 1
            total = 0.0
            for j in range(mine.size):
                while True:
                    if half_left:
                        bits >>= HALF
                    else:
                        state += GOLDEN
                        bits = _mixed(state)
                    half_left = not half_left
                    place = np.int64(((bits & LOW_HALF) * np.uint64(last)) >> HALF)
                    if drawn_in[place] != permutation:
                        break
                drawn_in[place] = permutation
                total += mine[j] * pool[place]
            above += total >= low
            below += total <= high
        pool[own[row]], pool[last] = pool[last], pool[own[row]]
        at_least[row], at_most[row] = above, below
