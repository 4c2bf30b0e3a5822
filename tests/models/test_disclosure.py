"""What may be published of counts by commune: zones, ranges, suppression, and releases held against each other."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from geo.errors import ReleaseError
from models.disclosure import KINDS, protect
from models.disclosure_attack import Figures, feasible, ranges
from models.disclosure_history import Release, kinds_that_stay_apart, stays_apart
from models.disclosure_suppression import suppressed
from models.disclosure_zones import finest, zone_tree

K = 5


def chain(n):
    """Return the neighbourhood and the places of n units in a row, 10 km apart."""
    near = sparse.diags_array([np.ones(n - 1), np.ones(n - 1)], offsets=[-1, 1], format="csr")
    return near, np.column_stack([np.arange(n) * 10_000.0, np.zeros(n)])


def province(victims, absences):
    codes = [f"{i:05}" for i in range(len(victims))]
    return pd.DataFrame({"victims": victims, "absences": absences}, index=pd.Index(codes, name="commune_code"))


def tree_of(n, population=None):
    return zone_tree(np.arange(n, 0, -1) if population is None else population, *chain(n))


class TestZones:
    def test_the_smallest_joins_its_smallest_neighbour(self):
        tree = zone_tree([10, 1, 5, 20], *chain(4))
        assert tree.units == (0, 1, 2, 3)
        # 1 joins 2 (5 < 10), both (6) join 0 (10 < 20), and all of them 3.
        assert [half.units for half in tree.halves] == [(0, 1, 2), (3,)]
        assert [half.units for half in tree.halves[0].halves] == [(0,), (1, 2)]

    def test_an_island_joins_the_nearest(self):
        near, xy = chain(4)
        near = near.tolil()
        near[2, 3] = near[3, 2] = 0
        tree = zone_tree([10, 10, 10, 1], near.tocsr(), xy)
        assert (2, 3) in {zone.units for zone in (tree, *tree.halves)}

    def test_a_zone_does_not_tell_which_half_was_too_small(self):
        """Who knows how zones are made learns that one of two communes has fewer than five persons, not which."""
        one, *others = (
            protect(province(victims, [0, 0]), tree_of(2), [], K)[0].zones for victims in ([9, 1], [1, 9], [2, 8])
        )
        for other in others:
            pd.testing.assert_frame_equal(other, one)

    @settings(max_examples=50)
    @given(counts=st.lists(st.integers(0, 8), min_size=2, max_size=8))
    def test_no_finer_zones_of_the_tree_rest_on_enough(self, counts):
        def enough(zone):
            return sum(counts[i] for i in zone.units) >= K

        def cuts(zone):
            yield [zone]
            if zone.halves:
                for one, other in itertools.product(*map(cuts, zone.halves)):
                    yield one + other

        tree = tree_of(len(counts))
        fine = [cut for cut in cuts(tree) if all(map(enough, cut))]
        found = finest(tree, enough)
        assert (found is None) == (not fine)
        if found:
            assert all(map(enough, found))
            assert len(found) == max(map(len, fine))
            assert sorted(i for zone in found for i in zone.units) == list(range(len(counts)))


class TestRanges:
    @given(st.integers(0, 500), st.integers(2, 20))
    def test_a_range_holds_its_count_and_is_wide(self, count, k):
        low, high = ranges(np.array([count]), k)
        assert low[0] <= count <= high[0]
        assert (high[0] - low[0], low[0] % (2 * k)) == ((2 * k - 1, k) if count >= k else (k - 1, 0))


class TestSuppression:
    def table(self, counts):
        """Return the figures of a table as they are, its row and column sums too."""
        counts = np.asarray(counts)
        rows = np.vstack([counts, counts.sum(axis=0)])
        full = np.column_stack([rows, rows.sum(axis=1)])
        n, m = full.shape
        across = sparse.kron(sparse.eye_array(n), np.append(np.ones(m - 1), -1.0)[None, :])
        down = sparse.kron(np.append(np.ones(n - 1), -1.0)[None, :], sparse.eye_array(m))
        exact = full.ravel().astype(float)
        return Figures(exact, exact, sparse.vstack([across, down], format="csr")), full

    def test_one_empty_place_in_a_table_with_sums_is_found_out(self):
        figures, full = self.table([[3, 20], [9, 8]])
        least, most = feasible(figures, (full == 3).ravel())
        assert least[0] == most[0] == 3

    def test_three_more_hide_it_and_fewer_do_not(self):
        """Of a table with all its sums at least a rectangle must be left out."""
        figures, full = self.table([[3, 20, 30], [19, 8, 40], [11, 12, 13]])
        small = (full == 3).ravel()
        hidden = suppressed(figures, small, small, K)
        least, most = feasible(figures, hidden)
        assert (most - least)[small] >= K
        assert hidden.sum() == 4
        assert not hidden.reshape(full.shape)[-1].any()
        assert not hidden.reshape(full.shape)[:, -1].any()

    def test_it_takes_the_cheapest_rectangle(self):
        """By enumeration: all rectangles through the small cell, each by the figures that it costs."""
        counts = np.array([[2, 20, 15], [30, 9, 50], [7, 40, 9]])
        figures, full = self.table(counts)
        small = (full == 2).ravel()
        hidden = suppressed(figures, small, small, K).reshape(full.shape)
        cost = {}
        for row, col in itertools.product((1, 2), (1, 2)):
            pattern = np.zeros(full.shape, dtype=bool)
            pattern[np.ix_([0, row], [0, col])] = True
            least, most = feasible(figures, pattern.ravel())
            if (most - least)[small] >= K:
                cost[row, col] = full[pattern].sum()
        assert full[hidden].sum() == min(cost.values())


class TestProtect:
    def test_figures_are_ranges_and_small_ones_are_left_out(self):
        publication, _ = protect(province([6, 16, 2], [5, 5, 30]), tree_of(3), [], K)
        assert publication.zones["communes"].tolist() == [("00000",), ("00001",), ("00002",)]
        # Victims 2 must not be shown; victims 6 neither, for 15–24 in all less 15–24 and 5–14 leaves at most 4.
        assert publication.zones["victims_low"].isna().tolist() == [True, False, True]
        assert publication.zones.loc[1, ["victims_low", "victims_high"]].tolist() == [15, 24]
        assert publication.whole[["persons_low", "persons_high"]].to_numpy().tolist() == [[55, 64]]
        assert publication.narrowest >= K

    def test_too_few_persons_are_not_published_at_all(self):
        with pytest.raises(ReleaseError, match="Fewer than 5 persons are recorded"):
            protect(province([1, 1], [1, 1]), tree_of(2), [], K)

    def test_no_message_says_how_many(self):
        for victims in ([0, 0], [1, 2], [4, 0]):
            with pytest.raises(ReleaseError) as refused:
                protect(province(victims, [0, 0]), tree_of(2), [], K)
            assert refused.value.message.values == {"k": K}

    @settings(max_examples=25)
    @given(data=st.data(), n=st.integers(1, 7))
    def test_every_figure_stays_uncertain_and_every_one_shown_rests_on_enough(self, data, n):
        counts = province(*(data.draw(st.lists(st.integers(0, 25), min_size=n, max_size=n)) for _ in KINDS))
        if counts.to_numpy().sum() < K:
            return
        publication, release = protect(counts, tree_of(n), [], K)
        assert sum(map(sum, release.counts.values())) == counts.to_numpy().sum()
        for row in publication.zones.itertuples():
            own = counts.loc[list(row.communes)].sum()
            assert own.sum() >= K
            for name, count in (*own.items(), ("persons", own.sum())):
                low, high = getattr(row, f"{name}_low"), getattr(row, f"{name}_high")
                assert low is pd.NA or (count >= K and low <= count <= high)
        assert publication.narrowest >= K


class TestHistory:
    OLD = Release(K, {frozenset("ab"): (3, 4), frozenset("cd"): (8, 0), frozenset("e"): (6, 0)})
    NOW = {"a": 4, "b": 3, "c": 5, "d": 3, "e": 6}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("zone", "changes", "may"),
        [
            ("ab", {}, True),  # nothing new
            ("ab", {"a": 5}, False),  # one person more
            ("ab", {"a": 8}, False),  # four
            ("ab", {"a": 9}, True),  # five
            ("ab", {"a": 0}, False),  # four fewer
            ("ab", {"a": 0, "b": 2}, True),  # five fewer
            ("abcd", {}, False),  # two views of the same persons
            ("abcd", {"a": 7, "c": 6}, False),  # four
            ("abcd", {"a": 7, "c": 7}, True),
            ("c", {}, False),  # the other half could be subtracted
            ("c", {"d": 8}, True),
            ("bc", {"b": 40, "c": 40}, False),  # across an earlier border
            ("abc", {"b": 40, "c": 40}, False),
        ],
    )
    def test_small_differences_and_overlaps_are_seen(self, zone, changes, may):
        assert stays_apart(frozenset(zone), self.NOW | changes, self.OLD) is may

    def test_the_whole_is_compared_with_the_sum_that_was_published(self):
        assert stays_apart(frozenset("abcde"), self.NOW, self.OLD, whole=True)
        assert not stays_apart(frozenset("abcde"), self.NOW | {"e": 7}, self.OLD, whole=True)

    def test_a_person_who_becomes_another_kind_is_seen(self):
        assert kinds_that_stay_apart(frozenset("ab"), (4, 3), self.OLD) == (False, False)
        assert kinds_that_stay_apart(frozenset("ab"), (3, 9), self.OLD) == (True, True)
        assert kinds_that_stay_apart(frozenset("a"), (1, 1), self.OLD) == (True, True)

    def test_the_same_again_is_published_the_same(self):
        counts = province([6, 9, 7, 1, 9], [5, 0, 1, 2, 9])
        first, release = protect(counts, tree_of(5), [], K)
        again, _ = protect(counts, tree_of(5), [release, release], K)
        pd.testing.assert_frame_equal(again.zones, first.zones)

    def test_where_few_are_new_zones_are_merged(self):
        counts = province([9, 9, 9, 9], [0] * 4)
        _, release = protect(counts, tree_of(4), [], K)
        assert len(release.counts) == 4
        counts.loc[["00000", "00001"], "victims"] = [11, 13]
        merged, _ = protect(counts, zone_tree([1, 1, 9, 9], *chain(4)), [release], K)
        assert merged.zones["communes"].tolist() == [("00000", "00001"), ("00002",), ("00003",)]

    def test_where_few_are_new_in_all_it_is_refused(self):
        counts = province([9, 9, 9, 9], [0] * 4)
        _, release = protect(counts, tree_of(4), [], K)
        counts.loc["00003", "victims"] += 3
        with pytest.raises(ReleaseError, match="Fewer than 5 persons changed since an earlier release"):
            protect(counts, tree_of(4), [release], K)

    def test_another_k_would_narrow_ranges_and_is_refused(self):
        """14 is 5–14 for 5, 6–17 for 6, 7–20 for 7 and 14–41 for 14: together they say 14."""
        together = [ranges(np.array([14]), k) for k in (5, 6, 7, 14)]
        assert max(low[0] for low, _ in together) == min(high[0] for _, high in together) == 14
        _, release = protect(province([14], [0]), tree_of(1), [], K)
        with pytest.raises(ReleaseError, match="publish with --k 5"):
            protect(province([14], [0]), tree_of(1), [release], 6)

    def test_other_communes_are_refused(self):
        _, release = protect(province([14, 9], [0, 0]), tree_of(2), [], K)
        with pytest.raises(ReleaseError, match="other communes"):
            protect(province([14, 9, 9], [0, 0, 0]), tree_of(3), [release], K)

    @settings(max_examples=25)
    @given(data=st.data(), n=st.integers(2, 6))
    def test_two_releases_together_narrow_nothing_down(self, data, n):
        """The attacker knows that records only grow, by none or by ``k`` where zones are the same, by ``k`` elsewhere.

        Zones of both lie within each other, so each pair of one zone and its parts is a world of its own.
        """
        draw = st.lists(st.integers(0, 15), min_size=n, max_size=n)
        before = np.array(data.draw(draw))
        now = before + np.array(data.draw(st.lists(st.sampled_from([0, 0, 1, 3, 6]), min_size=n, max_size=n)))
        if before.sum() < K:
            return
        _, old = protect(province(before, [0] * n), tree_of(n), [], K)
        try:
            _, new = protect(province(now, [0] * n), tree_of(n), [old], K)
        except ReleaseError:
            return
        for one, other in ((old, new), (new, old)):
            for zone, (count, *_) in one.counts.items():
                parts = [own for own in other.counts if own <= zone]
                if frozenset().union(*parts) != zone:
                    continue
                grown = sum(other.counts[own][0] for own in parts) - count
                assert abs(grown) >= K or (grown == 0 and len(parts) == 1)
                assert narrowest(count, [other.counts[own][0] for own in parts], one is old, len(parts) > 1) >= K


def narrowest(whole, parts, whole_is_older, split):
    """Return the least width of what is known of a zone's part in one release from the zone's range in another."""
    low, high = ranges(np.array([whole, *parts]), K)
    sign = 1.0 if whole_is_older else -1.0
    # sign (parts − whole) = growth, at least k where zones were split or joined.
    row = sign * np.append(-1.0, np.ones(len(parts)))
    widths = []
    for place in range(len(parts) + 1):
        limits = np.column_stack([low, high])
        ends = [
            linprog(
                end * np.eye(len(row))[place], A_ub=[-row], b_ub=[-K if split else 0], bounds=limits,
                method="highs",
            ).fun * end
            for end in (1, -1)
        ]  # fmt: skip
        widths.append(ends[1] - ends[0])
    return min(widths)
