import numpy as np
import pandas as pd
import pytest
from libpysal.weights import lat2W
from scipy import sparse, stats

from geo.errors import ModelError
from models.emerging import PATTERNS, Trend, classify, emerging_hotspots, mann_kendall, space_time_g
from models.hotspots import local_g

WEIGHTS = lat2W(6, 6, rook=False)
RNG = np.random.default_rng(8)
CUBE = RNG.poisson(3.0, (36, 12)).astype(float)
"""Made up."""


def trend(direction):
    """A trend upwards (1), downwards (−1) or none (0)."""
    return Trend(np.array([direction]), np.array([3.0 * direction]), np.array([0.003 if direction else 1.0]))


def series(text):
    """Spots of one unit: H hot, C cold, a dot neither."""
    return np.array([[{"H": 1, "C": -1, ".": 0}[letter] for letter in text]])


CASES = [
    (".........H", 0, "new"),
    ("C.C......H", 0, "new"),
    (".......HHH", 0, "consecutive"),
    ("CC....HHHH", 1, "consecutive"),
    ("..HHHHHHHH", 1, "consecutive"),
    (".HHHHHHHHH", 1, "intensifying"),
    ("HHHHHHHHHH", 1, "intensifying"),
    ("HHH.HHHHHH", -1, "diminishing"),
    ("HHHHHHHHHH", 0, "persistent"),
    (".HHHHHHHHH", 0, "persistent"),
    ("..H..HH..H", 0, "sporadic"),
    ("H........H", 1, "sporadic"),
    ("HCC..HH..H", 0, "oscillating"),
    ("C.H.....HH", 0, "oscillating"),
    ("HHHHHHHHH.", 0, "historical"),
    ("HHHHHHHHH.", -1, "historical"),
]


@pytest.mark.parametrize(("spots", "direction", "kind"), CASES)
def test_each_category_of_hot_spots(spots, direction, kind):
    assert classify(series(spots), trend(direction)) == [f"{kind} hot spot"]
    assert classify(-series(spots), trend(-direction)) == [f"{kind} cold spot"]


@pytest.mark.parametrize("spots", ["..........", "HHHH......", "..HHCCHH..", "HHHHHHHH.."])
@pytest.mark.parametrize("direction", [-1, 0, 1])
def test_what_is_neither_hot_nor_cold_in_the_end_nor_nearly_always_has_no_pattern(spots, direction):
    assert classify(series(spots), trend(direction)) == ["no pattern"]


def test_where_a_hot_and_a_cold_pattern_fit_the_hot_one_is_named():
    assert classify(series("HHHHHHHHHC"), trend(-1)) == ["historical hot spot"]  # also a new cold spot
    assert classify(series("CCCCCCCCCH"), trend(1)) == ["new hot spot"]  # also a historical cold spot


def test_ninety_percent_is_at_least_nine_tenths():
    """Of 11 periods 10 are enough and 9 are not; of 20, 18 and 17."""
    for text, kind in (
        (".HHHHHHHHHH", "persistent"),
        ("..HHHHHHHHH", "consecutive"),
        (".H.HHHHHHHHHHHHHHHHH", "persistent"),
        (".H.H.HHHHHHHHHHHHHHH", "sporadic"),
    ):
        assert classify(series(text), trend(0)) == [f"{kind} hot spot"]


def test_every_series_gets_exactly_one_known_pattern():
    spots = RNG.choice([-1, 0, 1], (5000, 10), p=[0.05, 0.3, 0.65])
    patterns = classify(spots, mann_kendall(RNG.normal(size=spots.shape)))
    assert set(patterns) <= set(PATTERNS)
    ends_hot = spots[:, -1] == 1
    assert all(pattern.endswith("hot spot") for pattern in patterns[ends_hot])


def test_mann_kendall_by_hand():
    """1 2 2 3 1: five pairs rise and three fall; two groups of two are tied."""
    found = mann_kendall([[1, 2, 2, 3, 1]])
    variance = (5 * 4 * 15 - 2 * (2 * 1 * 9)) / 18
    assert found.s[0] == 2
    assert found.z[0] == pytest.approx((2 - 1) / np.sqrt(variance))
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(1 / np.sqrt(variance)))


def test_mann_kendall_is_kendalls_test_with_the_correction_for_continuity():
    rows = np.concatenate([RNG.normal(size=(20, 15)), RNG.integers(0, 4, (20, 15))])
    found = mann_kendall(rows)
    for i, row in enumerate(rows):
        theirs = stats.kendalltau(np.arange(15), row, method="asymptotic")
        uncorrected = np.sign(theirs.statistic) * stats.norm.isf(theirs.pvalue / 2)
        s = found.s[i]
        assert np.sign(s) == np.sign(theirs.statistic)
        assert found.z[i] == pytest.approx(uncorrected * (abs(s) - 1) / abs(s) if s else 0.0, rel=1e-9)


def test_a_series_without_change_has_no_trend():
    found = mann_kendall([[2.0] * 12, [0.1 + 0.2, 0.3] * 6])
    assert list(found.s) == [0, 0]
    assert list(found.p) == [1, 1]


def test_the_cube_is_one_map_of_all_units_in_all_periods():
    """Written out: neighbours in this and the previous period, the unit itself in both."""
    units, periods = CUBE.shape
    space = WEIGHTS.sparse.toarray() + np.eye(units)
    weights = np.zeros((units * periods,) * 2)
    for t in range(periods):
        for s in (t - 1, t):
            if s >= 0:
                weights[t * units : (t + 1) * units, s * units : (s + 1) * units] = space
    flat = local_g(CUBE.T.ravel(), weights, permutations=0)
    bins = space_time_g(CUBE, WEIGHTS, permutations=0)
    for name in ("z", "p", "q"):
        np.testing.assert_allclose(
            bins[name].unstack("period").to_numpy(), flat[name].to_numpy().reshape(periods, -1).T
        )


def test_without_steps_back_and_within_steps_each_period_is_a_map_of_its_own():
    bins = space_time_g(CUBE, WEIGHTS, steps_back=0, window="steps", permutations=9_999)
    for t in (0, 7):
        alone = local_g(CUBE[:, t], WEIGHTS, permutations=9_999)
        of_period = bins.xs(t, level="period")
        np.testing.assert_allclose(of_period["z"], alone["z"])
        np.testing.assert_allclose(of_period["p_high"], alone["p_high"], atol=0.03)


def test_a_general_rise_heats_late_periods_of_the_cube_but_not_of_its_steps():
    rising = RNG.poisson(np.linspace(1, 12, 12), (36, 12))
    in_cube, in_steps = (space_time_g(rising, WEIGHTS, window=window, permutations=999) for window in ("cube", "steps"))
    assert (in_cube.xs(11, level="period")["spot"] == "hot").mean() > 0.8
    assert (in_steps["spot"] != "none").mean() < 0.1


def test_patterns_of_a_world_that_was_made_for_them():
    cube = RNG.poisson(5.0, (36, 20)).astype(float)
    corner, other = [0, 1, 6, 7], [28, 29, 34, 35]
    cube[corner, 10:] += 30
    cube[other] += 25 + 1.5 * np.arange(20)
    patterns = emerging_hotspots(space_time_g(cube, WEIGHTS, window="steps"))["pattern"]
    assert patterns[0] == "consecutive hot spot"
    assert patterns[35] in ("intensifying hot spot", "persistent hot spot")
    table = emerging_hotspots(space_time_g(cube, WEIGHTS))
    assert table["pattern"][35] == "intensifying hot spot"
    assert table["hot_periods"][0] in (9, 10)  # the first of ten has neighbours in the quiet period before it
    assert table["trend_p"][35] < 0.01


def test_same_bits_for_any_number_of_threads():
    options = {"window": "steps", "permutations": 999, "random_state": 4}
    one, two = (space_time_g(CUBE, WEIGHTS, n_jobs=jobs, **options) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@pytest.mark.parametrize("window", ["cube", "steps"])
def test_silence_and_islands_leave_no_gap(window):
    silent = CUBE * (np.arange(12) > 5)
    weights = WEIGHTS.sparse.tolil()
    weights[0] = 0
    for cube in (silent, 0 * CUBE):
        bins = space_time_g(cube, sparse.csr_array(weights), window=window)
        table = emerging_hotspots(bins)
        assert not bins.isna().any(axis=None)
        assert not table.isna().any(axis=None)
    assert set(table["pattern"]) == {"no pattern"}
    assert bins["flag"][0, 0] == "no neighbours"


def test_labels_are_kept():
    cube = pd.DataFrame(CUBE, [f"c{i}" for i in range(36)], pd.period_range("2024-01", periods=12, freq="M"))
    table = emerging_hotspots(space_time_g(cube, WEIGHTS.sparse))
    assert list(table.index) == list(cube.index)
    assert table.index.name == "unit"
    assert list(table["pattern"].cat.categories) == PATTERNS


@pytest.mark.parametrize(
    ("cube", "options", "said"),
    [
        (CUBE[:, :9], {}, "at least 10 periods; got 9"),
        (-CUBE, {}, "negative"),
        (np.where(CUBE > 7, np.nan, CUBE), {}, "missing"),
        (CUBE, {"steps_back": 12}, "from 0 to 11"),
        (CUBE, {"window": "month"}, "cube or steps"),
        (pd.DataFrame(CUBE)[[1, 0, *range(2, 12)]], {}, "order of time"),
        (
            pd.DataFrame(CUBE, columns=pd.period_range("2024-01", periods=13, freq="M").delete(4)),
            {},
            "1 periods between",
        ),
    ],
)
def test_bad_input_is_explained(cube, options, said):
    with pytest.raises(ModelError, match=said):
        emerging_hotspots(space_time_g(cube, WEIGHTS, **options))
