import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import Message
from geo.intake import candidates
from geo.intake.candidates import candidate_pairs
from geo.intake.evidence import Comparison, Level
from geo.intake.spans import WINDOW_DAYS, Spans

LEVEL = Level(Message("related"), same=0.5, chance=0.5)
PLACES = 4
row = st.tuples(st.integers(-1, PLACES - 1), st.one_of(st.just(-1), st.integers(12_000, 12_150)), st.integers(0, 60))
related = st.sets(st.tuples(st.integers(0, PLACES - 1), st.integers(0, PLACES - 1)))


@given(st.lists(row, max_size=12), related, st.sampled_from([1, 3, 2**20]))
def test_candidates_are_the_pairs_near_in_time_and_related_in_place(rows, pairs, chunk):
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
        parts = list(candidate_pairs(Spans(first, last), where))
    found = [pair for a, b in parts for pair in zip(a.tolist(), b.tolist(), strict=True)]
    assert set(found) == expected
