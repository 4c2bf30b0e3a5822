import numpy as np
import pandas as pd
import pytest
from scipy import stats

from geo.errors import ModelError
from models.drift import DISCOVERIES, drift
from models.risk import RiskModel
from tests.models.areal_panel import world


@pytest.fixture(scope="module")
def trained():
    panel, neighbours, truth = world(years=3, level=4.0)
    return RiskModel(["cases"], draws=300).fit(panel, neighbours), truth


def newer(truth, quarters=2, seed=0, factor=1.0, shift=()):
    """Return later quarters whose means are the truth times a factor, by unit times a shift."""
    means = factor * truth[:, None] / 4 * np.ones(quarters)
    for unit, times in shift:
        means[unit] *= times
    table, _, _ = world(years=3, level=4.0)
    people = table["population"].groupby(level=0, sort=False).first()
    times = pd.period_range("2018Q1", periods=quarters, freq="Q")
    index = pd.MultiIndex.from_product([people.index, times], names=["commune_code", "month"])
    counts = np.random.default_rng(seed).poisson(means)
    return pd.DataFrame({"cases": counts.ravel(), "population": np.repeat(people.to_numpy(), quarters)}, index=index)


def test_months_of_the_same_world_fit(trained):
    model, truth = trained
    found = [drift(model, newer(truth, seed=seed)) for seed in range(10)]
    assert sum(not one.fits for one in found) <= 2
    assert sum((one.units["changed"] != "").sum() for one in found) <= 3


def test_twice_the_events_no_longer_fit(trained):
    model, truth = trained
    found = drift(model, newer(truth, factor=2.0))
    assert not found.fits
    assert found.checks.loc["cases", "p"] < 0.01
    assert found.checks.loc["cases", "found"] > found.checks.loc["cases", "upper"]
    assert "no longer fit" in " ".join(map(str, found.said()))


def test_the_unit_that_changed_is_named_and_others_are_not(trained):
    model, truth = trained
    found = drift(model, newer(truth, quarters=4, shift=[(0, 20.0)]))
    changed = found.units[found.units["changed"] != ""]
    assert changed["changed"].get("u0") == "more"
    assert len(changed) <= 2
    said = [str(message) for message in found.said({"u0": "Xã Na"})]
    assert any(line.startswith("Xã Na: ") and "more than before" in line for line in said)


def test_tails_are_those_of_the_mixture_and_q_controls_discoveries(trained):
    model, truth = trained
    panel = newer(truth)
    units = drift(model, panel).units
    means = model.forecast(panel.reset_index(), most=500).sum(axis=1)
    counts = panel["cases"].groupby(level=0, sort=False).sum().to_numpy()[:, None]
    high, low = stats.poisson.sf(counts - 1, means).mean(axis=1), stats.poisson.cdf(counts, means).mean(axis=1)
    np.testing.assert_allclose(units["p_high"], high, atol=1e-9)
    np.testing.assert_allclose(units["p_low"], low, atol=1e-9)
    np.testing.assert_allclose(units["q"], stats.false_discovery_control(np.minimum(1, 2 * np.minimum(high, low))))
    assert ((units["q"] < DISCOVERIES) == (units["changed"] != "")).all()


def test_a_mixed_up_map_fails_by_its_score_though_the_total_fits(trained):
    model, truth = trained
    found = drift(model, newer(truth[::-1].copy(), quarters=4))
    assert found.checks.loc["log score", "found"] < found.checks.loc["log score", "lower"]
    assert found.checks.loc["log score", "p"] < 0.01
    assert not found.fits


def test_one_month_without_an_event_gives_numbers(trained):
    model, truth = trained
    found = drift(model, newer(truth, quarters=1).assign(cases=0))
    assert np.isfinite(found.checks.to_numpy()).all()
    assert np.isfinite(found.units.drop(columns="changed").to_numpy()).all()
    with pytest.raises(ModelError, match="No count of the newer"):
        drift(model, newer(truth).assign(cases=np.nan))
