import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import Message
from geo.intake import candidates
from geo.intake.candidates import find_candidates
from geo.intake.evidence import Comparison, Level
from geo.intake.spans import WINDOW_DAYS, Spans

LEVEL = Level(Message("related"), same=0.5, chance=0.5)
PLACES = 4
row = st.tuples(st.integers(-1, PLACES - 1), st.one_of(st.just(-1), st.integers(12_000, 12_150)), st.integers(0, 60))
related = st.sets(st.tuples(st.integers(0, PLACES - 1), st.integers(0, PLACES - 1)))


@given(st.lists(row, max_size=12), related, st.sampled_from([1, 3, 2**20]), st.sampled_from([1, 5, 2**16]))
def test_candidates_are_the_pairs_near_in_time_and_related_in_place(rows, pairs, chunk, rows_at_once):
    pairs = pairs | {(b, a) for a, b in pairs}
    code = np.array([place for place, _, _ in rows], dtype=np.int64)
    first = np.array([day for _, day, _ in rows], dtype=np.int64)
    last = np.array([day + length if day >= 0 else -1 for _, day, length in rows], dtype=np.int64)
    keys = np.array(sorted(a * PLACES + b for a, b in pairs), dtype=np.int64)
    where = Comparison(code, PLACES, [(LEVEL, keys)], LEVEL)
    expected = {
        (a, b)
        for b in range(len(rows))
        for a in range(b)
        if min(first[a], first[b]) >= 0
        and (code[a], code[b]) in pairs
        and max(first[a] - last[b], first[b] - last[a]) <= WINDOW_DAYS
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "CHUNK", chunk)
        patch.setattr(candidates, "ROWS_AT_ONCE", rows_at_once)
        parts = list(find_candidates(Spans(first, last), where).pairs())
    found = [pair for a, b in parts for pair in zip(a.tolist(), b.tolist(), strict=True)]
    assert set(found) == expected


@given(st.lists(row, max_size=12), st.integers(0, 40), st.randoms(use_true_random=False))
def test_of_more_pairs_than_are_looked_at_the_longest_runs_are_given_up_in_any_order(rows, most, random):
    """What is left is within the limit, and what was given up is the same for any order of the rows."""

    def looked_at(order):
        code = np.array([rows[k][0] for k in order], dtype=np.int64)
        first = np.array([rows[k][1] for k in order], dtype=np.int64)
        where = Comparison(code, PLACES, [(LEVEL, np.arange(PLACES, dtype=np.int64) * (PLACES + 1))], LEVEL)
        found = find_candidates(Spans(first, first), where, most)
        assert sum((end - begin).sum() for _, begin, end in found.runs()) <= most
        pairs = [pair for a, b in found.pairs() for pair in zip(a.tolist(), b.tolist(), strict=True)]
        return {frozenset((order[a], order[b])) for a, b in pairs}, {order[k] for k in found.given_up.tolist()}

    order = list(range(len(rows)))
    (pairs, given_up), everything = looked_at(order), find_all(rows)
    assert pairs <= everything
    assert all(pair & given_up for pair in everything - pairs)
    random.shuffle(order)
    assert looked_at(order)[1] == given_up


def find_all(rows):
    return {
        frozenset((a, b))
        for b in range(len(rows))
        for a in range(b)
        if rows[a][0] == rows[b][0] >= 0
        and min(rows[a][1], rows[b][1]) >= 0
        and abs(rows[a][1] - rows[b][1]) <= WINDOW_DAYS
    }
