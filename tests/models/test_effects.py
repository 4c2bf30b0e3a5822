import numpy as np
import pandas as pd
import pytest

from geo.errors import PlanError
from models.effects import estimate_effect
from models.staggered_start import design_start
from models.two_way import fit_ratio

YEARS = pd.period_range("2021", periods=6, freq="Y")


def programme(rate, ratio, communes=24, seed=1, first=2):
    """Counts of communes that begin one group a year from the third year on, and their starts."""
    codes = [f"{k:05}" for k in range(1, communes + 1)]
    begin = first + np.arange(communes) * (len(YEARS) - first) // communes
    treated = np.arange(len(YEARS)) >= begin[:, None]
    level = np.random.default_rng(99).gamma(4.0, 0.25, (communes, 1))
    counts = np.random.default_rng(seed).poisson(rate * level * np.where(treated, ratio, 1.0))
    return pd.DataFrame(counts, index=codes, columns=YEARS), pd.Series(YEARS[begin], index=codes)


def said(effect):
    return " | ".join(str(reason) for reason in effect.reasons)


def test_a_halving_of_many_events_is_found_and_measured():
    counts, starts = programme(20.0, 0.5)
    effect = estimate_effect(counts, starts)
    assert effect.verdict == "effective"
    assert effect.lower < 0.5 < effect.upper
    assert effect.upper < 0.7
    assert effect.p_value == 1 / 2000
    assert effect.power > 0.99
    assert "raises reporting" in said(effect)


def test_with_too_little_power_there_is_no_verdict_whatever_the_estimate():
    counts, starts = programme(15 / 24, 0.0)
    effect = estimate_effect(counts, starts)
    assert effect.ratio == 0.0
    assert effect.power < 0.8
    assert effect.verdict == "no verdict"
    assert "no verdict: a fall of 50 % would be found with a power of" in said(effect)


def test_no_effect_on_many_events_is_less_than_the_threshold():
    counts, starts = programme(20.0, 1.0)
    effect = estimate_effect(counts, starts)
    assert effect.verdict == "less than the threshold"
    assert effect.lower < 1 < effect.upper


def test_the_interval_covers_the_truth_as_often_as_it_says():
    covered = []
    for seed in range(40):
        counts, starts = programme(3.0, 0.6, seed=seed)
        treated = np.array([begin <= YEARS for begin in starts])
        fitted = fit_ratio(counts.to_numpy(dtype=float), treated)
        covered.append(fitted.lower <= 0.6 <= fitted.upper)
    assert 0.8 <= np.mean(covered) <= 0.98


def test_pilots_against_others_are_a_difference_in_differences():
    counts, _ = programme(30.0, 1.0)
    starts = pd.Series(pd.NaT, index=counts.index, dtype=YEARS.dtype)
    starts.iloc[:8] = YEARS[3]
    counts.iloc[:8, 3:] //= 2
    effect = estimate_effect(counts, starts)
    before, after = counts.iloc[:, :3].sum(axis=1), counts.iloc[:, 3:].sum(axis=1)
    by_hand = (after[:8].sum() / before[:8].sum()) / (after[8:].sum() / before[8:].sum())
    assert effect.ratio == pytest.approx(by_hand, rel=0.1)
    assert effect.verdict == "effective"


def test_communes_that_differed_before_any_start_get_no_verdict():
    counts, starts = programme(20.0, 0.5, first=3)
    early = starts < YEARS[4]
    counts.loc[early, YEARS[1]] *= 4
    effect = estimate_effect(counts, starts)
    assert effect.placebos.set_index("test")["p_value"]["before the start"] <= 0.05
    assert effect.verdict == "no verdict"
    assert "communes differ where nothing should (before the start)" in said(effect)


def test_a_placebo_outcome_is_tested_beside_the_counts():
    counts, starts = programme(20.0, 0.5)
    nothing, _ = programme(20.0, 1.0, seed=8)
    placebos = estimate_effect(counts, starts, placebo_counts={"accidents": nothing}).placebos.set_index("test")
    assert placebos["p_value"]["accidents"] > 0.05
    assert estimate_effect(counts, starts, placebo_counts={"accidents": counts}).verdict == "no verdict"


def test_what_cannot_be_compared_is_refused():
    counts, starts = programme(5.0, 1.0)
    with pytest.raises(PlanError, match="never stand side by side"):
        estimate_effect(counts, pd.Series(YEARS[2], index=counts.index))
    with pytest.raises(PlanError, match="for each commune of the counts"):
        estimate_effect(counts, starts.iloc[1:])
    with pytest.raises(PlanError, match="Nothing was recorded"):
        estimate_effect(counts * 0, starts)
    with pytest.raises(PlanError, match="whole numbers from 0 on"):
        estimate_effect(counts - 100, starts)
    with pytest.raises(PlanError, match="other communes or periods"):
        estimate_effect(counts, starts, placebo_counts={"accidents": counts.iloc[1:]})
    with pytest.raises(PlanError, match="must be periods in order"):
        estimate_effect(counts.set_axis(range(6), axis=1), starts)
    with pytest.raises(PlanError, match="must be periods in order"):
        estimate_effect(counts, starts.dt.asfreq("M"))
    with pytest.raises(PlanError, match="above 0 and at most 1; got 0"):
        estimate_effect(counts, starts, threshold_fall=0.0)


def drawn(steps=4, seed=1, communes=24, rate=2.5, **changes):
    expected = pd.Series(rate, index=[f"{k:05}" for k in range(1, communes + 1)])
    asked = {"outcome": "verified absences", "threshold_fall": 0.5, "random_state": seed} | changes
    return design_start(expected, pd.period_range("2026", periods=5, freq="Y"), steps, **asked)


def test_the_lot_gives_steps_of_like_size_after_a_time_without():
    design = drawn(communes=10)
    assert design.table["step"].value_counts().sort_index().tolist() == [3, 2, 3, 2]
    assert design.table.groupby("step")["start"].first().astype(str).tolist() == ["2027", "2028", "2029", "2030"]
    assert design.table["commune_code"].is_unique


def test_the_lot_repeats_with_its_seed_and_gives_every_commune_every_step():
    pd.testing.assert_frame_equal(drawn(seed=5, communes=4).table, drawn(seed=5, communes=4).table)
    first = pd.Series([drawn(seed=k, communes=4, rate=0.1).table["commune_code"].iloc[0] for k in range(30)])
    assert first.nunique() == 4


def test_the_design_has_the_power_of_its_wedge_and_says_when_it_is_not_enough():
    assert drawn().power == pytest.approx(0.84, abs=0.05)
    weak = drawn(rate=15 / 24)
    assert weak.power == pytest.approx(0.36, abs=0.06)
    assert any("count something that happens more often" in str(reason) for reason in weak.reasons)


def test_a_start_that_cannot_be_drawn_is_refused():
    with pytest.raises(PlanError, match="25 steps need"):
        drawn(steps=25)
    with pytest.raises(PlanError, match="5 steps need"):
        drawn(steps=5)
    with pytest.raises(PlanError, match="Write down beforehand"):
        drawn(outcome=" ")
