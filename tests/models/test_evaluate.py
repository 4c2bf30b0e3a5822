import numpy as np
import pandas as pd
import pytest

from geo.errors import ModelError
from models.bootstrap import Estimate
from models.challengers import Challenger, Stretch
from models.evaluate import as_recorded, evaluate
from models.gaussian_process import GaussianProcess
from models.kernel_ratio import KernelRatio
from models.pooled import Metric, verdict
from models.regressions import BoostedTrees, RidgeRegression
from models.risk import RiskModel
from models.simple_rankings import CumulativeCount, EmpiricalBayes, LastYearCount, Population
from models.stack import Stack
from tests.models.areal_panel import world, yearly

SIMPLE = {
    "bayes": EmpiricalBayes(["cases"], draws=100),
    "counts": CumulativeCount(["cases"]),
    "last": LastYearCount(["cases"]),
    "people": Population(["cases"]),
}
AT_20 = Metric("hit_rate", "units", 0.2)


class Oracle(Challenger):
    """Knows the truth."""

    def __init__(self, counts=("cases",), truth=None):
        super().__init__(counts)
        self.truth = truth

    def _learn(self, known):
        pass

    def _means(self, at: Stretch):
        return at.years * self.truth[:, None]


@pytest.fixture(scope="module")
def found():
    panel, neighbours, truth = world(years=6, level=2.0)
    models = {"oracle": Oracle(truth=truth), **SIMPLE}
    return evaluate(models, panel, neighbours, resamples=500, random_state=3), panel, truth


def of(table, model, metric):
    chosen = table[(table["model"] == model) & (table["metric"] == metric.name) & (table["of"] == metric.of)]
    return chosen[chosen["budget"] == metric.budget].iloc[0] if metric.budget else chosen.iloc[0]


def test_hits_and_events_of_all_windows_are_added_before_they_are_divided():
    # One window a year; the ranking by the sum of the past is u0, then u1, u2, u3 tied. 25 % of four units is one.
    panel = yearly([[5, 5, 1, 0], [0, 0, 0, 4], [0, 0, 2, 0], [0, 0, 0, 0]], [10, 10, 10, 10])
    table = evaluate({"counts": CumulativeCount(["cases"])}, panel).scores
    # At 20 %: 2017 0.8 · 1 of 3, 2018 0.8 · 0 of 4.
    assert of(table, "counts", AT_20)["value"] == pytest.approx(0.8 / 7)
    assert of(table, "counts", Metric("pai", "units", 0.2))["value"] == pytest.approx(0.8 / 7 / 0.2)
    # The best possible: 0.8 · 2 and 0.8 · 4.
    assert of(table, "counts", Metric("pei", "units", 0.2))["value"] == pytest.approx(0.8 / (1.6 + 3.2))


def test_a_perfect_ranking_is_best_and_a_random_one_hits_its_budget(found):
    evaluation, _, _ = found
    table = evaluation.scores
    assert of(table, "oracle", AT_20)["value"] >= of(table, "counts", AT_20)["value"] - 0.01
    flat = evaluate({"flat": Population(["cases"])}, found[1].assign(population=100)).scores
    for budget in (0.01, 0.05, 0.1, 0.2):
        assert of(flat, "flat", Metric("pai", "units", budget))["value"] == pytest.approx(1)
    assert of(flat, "flat", Metric("curve_area", "units"))["value"] == pytest.approx(0.5)


def test_every_number_lies_in_its_interval_and_none_is_missing(found):
    evaluation, _, _ = found
    assert not evaluation.scores.drop(columns="budget").isna().any(axis=None)
    linear = evaluation.scores[evaluation.scores["metric"] != "calibration_error"]
    assert (linear["lower"] <= linear["value"]).all()
    assert (linear["value"] <= linear["upper"]).all()
    assert set(evaluation.scores["model"]) == {"oracle", *SIMPLE}


def test_true_means_are_calibrated(found):
    evaluation, _, _ = found
    assert of(evaluation.scores, "oracle", Metric("coverage"))["value"] == pytest.approx(0.9, abs=0.06)
    for top in (0.05, 0.1, 0.2):
        assert of(evaluation.scores, "oracle", Metric("calibration_error", "top", top))["value"] < 0.08
    people, oracle = (
        of(evaluation.scores, name, Metric("calibration_error", "top", 0.2)) for name in ("people", "oracle")
    )
    assert people["value"] > 2 * oracle["value"]


def test_the_truth_is_shown_to_be_better_than_people_alone_and_nothing_better_than_itself(found):
    evaluation, panel, truth = found
    versus = evaluation.comparisons[evaluation.comparisons["metric"] == "log_score"].set_index("other")
    assert versus.loc["people", "verdict"] == "better"
    twin = evaluate({"one": Oracle(truth=truth), "other": Oracle(truth=truth)}, panel, resamples=100)
    assert (twin.comparisons["difference"] == 0).all()
    assert (twin.comparisons["lower"] == 0).all()
    assert (twin.comparisons["verdict"] == "not told apart").all()


def test_a_verdict_needs_an_interval_without_zero():
    assert verdict(Estimate(0.1, 0.01, 0.2), AT_20) == "better"
    assert verdict(Estimate(-0.1, -0.2, -0.01), AT_20) == "worse"
    assert verdict(Estimate(0.1, 0.0, 0.2), AT_20) == "not told apart"
    assert verdict(Estimate(-0.1, -0.2, -0.01), Metric("calibration_error", "top", 0.1)) == "better"


def test_paired_intervals_are_narrower_than_those_of_unpaired_numbers(found):
    evaluation, _, _ = found
    versus = evaluation.comparisons.query("other == 'counts' and metric == 'hit_rate' and of == 'units'")
    paired = versus[versus["budget"] == 0.2].iloc[0]
    alone = [of(evaluation.scores, name, AT_20) for name in ("oracle", "counts")]
    unpaired = np.hypot(*[row["upper"] - row["lower"] for row in alone])
    assert paired["upper"] - paired["lower"] < 0.7 * unpaired


def test_a_ratio_is_that_of_the_pooled_numbers(found):
    evaluation, _, _ = found
    ratio = evaluation.pooled.ratio("oracle", "people", AT_20)
    one, two = (of(evaluation.scores, name, AT_20)["value"] for name in ("oracle", "people"))
    assert ratio.value == pytest.approx(one / two)
    assert ratio.lower < ratio.value < ratio.upper


def test_a_forecast_does_not_change_when_what_comes_later_does():
    panel, neighbours, _ = world(years=4)
    seen = []

    class Spy(CumulativeCount):
        def fit(self, panel, neighbours=None):
            super().fit(panel, neighbours)
            seen.append((panel["month"].max(), self.predict()["expected"].to_numpy()))
            return self

        def predict(self, panel=None):
            assert panel is None or panel["cases"].isna().all()
            return super().predict(panel)

    changed = panel.copy()
    late = changed.index.get_level_values("month") >= "2018Q1"
    changed.loc[late, "cases"] = 7
    for table in (panel, changed):
        evaluate({"spy": Spy(["cases"])}, table, neighbours, resamples=100)
    assert [str(last) for last, _ in seen] == ["2016Q4", "2017Q4"] * 2
    for before, after in zip(seen[:2], seen[2:], strict=True):
        np.testing.assert_array_equal(before[1], after[1])


def test_few_periods_are_resampled_by_events_and_say_so():
    panel, neighbours, _ = world(freq="Y", years=4)
    evaluation = evaluate(SIMPLE, panel, neighbours, resamples=500)
    assert evaluation.resampled == "events"
    row = of(evaluation.scores, "bayes", AT_20)
    n = evaluation.windows["events"].sum()
    half = 1.645 * np.sqrt(row["value"] * (1 - row["value"]) / n)
    assert row["upper"] - row["lower"] == pytest.approx(2 * half, rel=0.25)


def test_periods_without_events_and_models_without_enough_are_said():
    panel, neighbours, _ = world(level=0.05, seed=1)
    evaluation = evaluate(SIMPLE | {"trees": BoostedTrees(["cases"])}, panel, neighbours, resamples=200)
    said = [str(message) for message in evaluation.left_out]
    assert "trees is left out: Boosted trees need at least 500 events" in said[0]
    assert "of 8 periods have no event" in said[1]
    assert "trees" not in set(evaluation.scores["model"])
    assert not evaluation.scores.drop(columns="budget").isna().any(axis=None)


def late_only(panel):
    late = panel.index.get_level_values("month") >= "2017Q4"
    return panel.assign(cases=panel["cases"].where(late, 0))


BAD = {
    "nothing in the past": late_only,
    "one unit": lambda panel: panel.loc[["u8"]],
    "missing counts": lambda panel: panel.assign(cases=panel["cases"].astype("Int64").mask(np.arange(108) % 5 == 0)),
    "nobody in a unit": lambda panel: panel.assign(population=np.where(np.arange(108) < 12, 0, panel["population"])),
    "an outlier": lambda panel: panel.assign(cases=np.where(np.arange(108) == 7, 10**6, panel["cases"])),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_panels_give_numbers_and_never_nan(what):
    panel, neighbours, _ = world(side=3, years=3, level=4.0)
    panel = BAD[what](panel)
    models = SIMPLE | {
        "kernel": KernelRatio(["cases"]),
        "ridge": RidgeRegression(["cases"], covariates=["east"]),
        "process": GaussianProcess(["cases"], draws=50),
    }
    models["stack"] = Stack(list(models.items()), ["cases"], years=1)
    neighbours = None if what == "one unit" else neighbours
    found = evaluate(models, panel, neighbours, resamples=50)
    for table in (found.scores, found.comparisons, found.curves, found.reliability):
        assert np.isfinite(table.drop(columns="budget", errors="ignore").select_dtypes("number").to_numpy()).all()
    assert set(found.scores["model"]) == set(models)


def test_without_an_event_to_find_nothing_is_evaluated():
    panel, neighbours, _ = world()
    with pytest.raises(ModelError, match="No event falls into"):
        evaluate(SIMPLE, panel.assign(cases=0), neighbours)


def test_models_that_count_other_things_are_not_compared():
    panel, _, _ = world()
    with pytest.raises(ModelError, match="read different counts"):
        evaluate({"one": Population(["cases"]), "two": Population(["absences"])}, panel)


def test_curves_begin_at_nothing_and_end_at_everything(found):
    evaluation, _, _ = found
    curves = evaluation.curves
    assert (curves.query("share == 0")["hit_rate"] == 0).all()
    np.testing.assert_allclose(curves.query("share == 1")["hit_rate"], 1)
    assert (curves.groupby(["model", "of"])["hit_rate"].diff().fillna(0) >= -1e-12).all()


def test_it_is_said_in_words(found):
    evaluation, _, _ = found
    said = [str(message) for message in evaluation.messages]
    n = evaluation.windows["events"].sum()
    assert said[0] == f"Forecasts of 2017Q1 to 2020Q4 from 4 origins, each from what came before it: {n} events"
    assert said[1] == "90 % intervals by drawing the periods again"
    assert sum("in 10 % of the units" in line for line in said) == 5
    assert any(line.startswith("oracle, by log score: shown to be better than ") and "people" in line for line in said)


def test_the_same_seed_gives_the_same_tables(found):
    evaluation, panel, _ = found
    again = evaluate(SIMPLE, panel, resamples=500, random_state=3)
    chosen = evaluation.scores[evaluation.scores["model"] != "oracle"].reset_index(drop=True)
    pd.testing.assert_frame_equal(again.scores, chosen)


def test_a_model_of_effort_is_listed_by_risk_and_as_recorded():
    panel, neighbours, _ = world(years=3, side=3, level=4.0)
    effort = np.repeat(np.random.default_rng(0).gamma(2.0, 0.5, 9), 12)
    model = RiskModel(["cases"], effort=["effort"], draws=100)
    table = evaluate({"risk": model, **SIMPLE}, panel.assign(effort=effort), neighbours, resamples=100).scores
    assert as_recorded("risk") in set(table["model"])
    risk, recorded = (of(table, name, Metric("log_score"))["value"] for name in ("risk", as_recorded("risk")))
    assert risk == recorded
