"""Does a way of choosing patrols run after its own records? Ten cycles on 150 sectors that are all equal.

Patrols on any ten of them have no ground: an even spread gives these 7 %. In each cycle a fixed number of hours is
shared out to detect most, by what a way of choosing believes; what is detected then, r × (1 − exp(−effect × hours)) on
average, is all that it learns. Printed: the share of hours on the ten sectors that have most, over all cycles and in
the last one alone, and what is detected beside an even spread, with 90 % intervals of the means. Choices that know a
posterior are shown for two gamma priors, whose mean is the true rate.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.optimize import bisect

SECTORS, CYCLES, TOP = 150, 10, 10
RATE = 2.0
"""True crossings a sector and cycle."""
HOURS, EFFECT = 150.0, 0.05
"""Hours on watch in all, and the effect of one: an even spread detects 5 %."""
SHAPES = (1.0, 4.0)
"""Of the gamma priors: sectors differ by their mean, or by half of it."""
DRAWS = 32
COST = 0.035
"""Share of the expected detections that looking around may cost, as in `models.patrol_demand`."""

Floats = np.ndarray


@dataclass(frozen=True)
class Records:
    """Detections and the share of a cycle's crossings looked at, by sector, and the shape of the prior."""

    found: Floats
    exposure: Floats
    shape: float

    def mean(self) -> Floats:
        """Return the posterior mean of the rates."""
        return (self.shape + self.found) / (self.shape / RATE + self.exposure)

    def draw(self, rng: np.random.Generator) -> Floats:
        """Draw rates from their posterior."""
        return rng.gamma(self.shape + self.found, 1 / (self.shape / RATE + self.exposure))


Choice = Callable[[Records, np.random.Generator], Floats]


def shared_out(value: Floats) -> Floats:
    """Return the hours that maximise Σ value × (1 − exp(−effect × hours)): marginal gains equal where hours are."""
    order = np.argsort(-value)
    logs = np.log(np.maximum(value[order], 1e-300))
    counts = np.arange(1, value.size + 1)
    level = (np.cumsum(logs) - EFFECT * HOURS) / counts
    used = np.flatnonzero(logs > level)[-1]
    hours = np.zeros_like(value)
    hours[order] = np.maximum(logs - level[used], 0.0) / EFFECT
    return hours


def by_counts(records: Records, rng: np.random.Generator) -> Floats:
    """Choose by what was detected so far; at first at random."""
    return shared_out(records.found + 1e-3 * rng.random(SECTORS))


def with_quota(records: Records, rng: np.random.Generator) -> Floats:
    """Choose by counts, but spread 15 % evenly."""
    return 0.85 * by_counts(records, rng) + 0.15 * HOURS / SECTORS


def by_rate(records: Records, rng: np.random.Generator) -> Floats:
    """Choose by detections over exposure: corrected for effort, at first at random."""
    return shared_out((records.found + 1e-3 * rng.random(SECTORS)) / np.maximum(records.exposure, 1e-3))


def by_mean(records: Records, rng: np.random.Generator) -> Floats:
    """Choose by the posterior mean of the rate; at first at random."""
    return shared_out(records.mean() + 1e-9 * rng.random(SECTORS))


def by_one_draw(records: Records, rng: np.random.Generator) -> Floats:
    """Choose by one draw of the rates: Thompson sampling."""
    return shared_out(records.draw(rng))


def by_mean_of_optima(records: Records, rng: np.random.Generator) -> Floats:
    """Choose the mean of the optima of several draws."""
    return np.mean([shared_out(records.draw(rng)) for _ in range(DRAWS)], axis=0)


def at_a_cost(records: Records, rng: np.random.Generator) -> Floats:
    """Choose as far from the posterior mean's optimum towards the mean of optima as the cost allows."""
    mean, best = records.mean(), by_mean(records, rng)
    way = by_mean_of_optima(records, rng) - best

    def left(share: float) -> float:
        detected = -np.expm1(-EFFECT * np.array([best + share * way, best])) @ mean
        return float(detected[0] - (1 - COST) * detected[1])

    return best + (1.0 if left(1.0) >= 0 else bisect(left, 0.0, 1.0)) * way


CHOICES: tuple[tuple[str, Choice, bool], ...] = (
    ("counts", by_counts, False),
    ("counts, 15 % spread evenly", with_quota, False),
    ("detections per effort", by_rate, False),
    ("posterior mean", by_mean, True),
    ("one draw a cycle", by_one_draw, True),
    (f"mean of {DRAWS} optima", by_mean_of_optima, True),
    (f"… at {COST:.1%} of detections at most", at_a_cost, True),
)
"""Name, choice, and whether it knows a prior."""


def run(choose: Choice, shape: float, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return the share of hours on the ten sectors with most, in all and last, and detections beside an even spread."""
    found, exposure = np.zeros(SECTORS), np.zeros(SECTORS)
    total = np.zeros(SECTORS)
    worth = []
    for _ in range(CYCLES):
        hours = choose(Records(found, exposure, shape), rng)
        detected = -np.expm1(-EFFECT * hours)
        found = found + rng.poisson(RATE * detected)
        exposure = exposure + detected
        total += hours
        worth.append(detected.mean())
    even = -np.expm1(-EFFECT * HOURS / SECTORS)
    last, all_cycles = (float(np.sort(one)[-TOP:].sum() / one.sum()) for one in (hours, total))
    return all_cycles, last, float(np.mean(worth) / even)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=50)
    worlds = parser.parse_args().worlds
    print(f"SIMULATED: {worlds} worlds, seeds 0 to {worlds - 1}; {SECTORS} equal sectors, {CYCLES} cycles")
    heads = ("on ten, all cycles", "on ten, last cycle", "detected / even")
    print(f"{'choice by':<34}" + "".join(f"{head:>20}" for head in heads))
    for name, choose, knows_prior in CHOICES:
        for shape in SHAPES if knows_prior else SHAPES[:1]:
            results = np.array([run(choose, shape, np.random.default_rng(seed)) for seed in range(worlds)])
            half = stats.t.ppf(0.95, worlds - 1) * results.std(axis=0, ddof=1) / np.sqrt(worlds)
            cells = [f"{mean:.1%} ± {h:.1%}" for mean, h in zip(results.mean(axis=0), half, strict=True)]
            title = name + (f", shape {shape:g}" if knows_prior else "")
            print(f"{title:<34}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
