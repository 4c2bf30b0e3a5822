"""Simulated provinces of known truth, month by month: how good can a ranking be, and what breaks it.

Latent risk → events → what is noticed of them, where agencies looked. All of it is simulated, on real communes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.spatial.distance import cdist

from geo.errors import ModelError

RISKS = ("spatial", "independent", "outliers", "drifting")
POLICIES = ("expected", "fair", "chasing", "random")
CURVES = ("attention", "threshold")

EXPLAINED_SD, FIELD_SD, NOISE_SD = 1.0, 0.8, 0.2
"""Standard deviations of the parts of the log rate: border and remoteness, a smooth field, and each commune's own."""
FIELD_REACH_M = 60_000.0
"""Distance at which the field's correlation is 1/e."""
OUTLIERS, OUTLIER_SIZE = 0.05, 2.0
"""Share of communes that are outliers, and by how much of the log rate."""
DRIFT_SD = 0.3
"""Change of a drifting log rate in a year."""
SEASON, TREND = 0.25, -0.05
"""Relative swing of the year, highest in January; change of the log rate per year."""

BORDER_BOOST, HABIT_SD = 1.0, 0.6
"""What agencies expect of the border (log), and what no expectation explains: roads, languages, a keen chairman."""
HALF_LIFE_MONTHS = 6.0
"""After so long half of what a session taught is forgotten."""
OUTREACH_SHARE = 0.6
"""Of the attention that effort brings; the rest is that of mailboxes."""
FLOORS = {"cases": 0.3, "absences": 1.0}
"""Attention without any effort, against 1 at mean effort."""


@dataclass(frozen=True)
class Options:
    """What a world is like.

    Attributes
    ----------
    years
        How many, from 2013.
    events, cases, absences
        Expected in a year: what happens, and what is recorded of it in the first.
    sessions, mailboxes
        Outreach sessions a year; mailboxes that stand from the beginning.
    risk
        ``"spatial"``; ``"independent"``: no neighbour is like another; ``"outliers"``: some communes stand out;
        ``"drifting"``: it wanders from year to year.
    policy
        Where sessions are held: where trouble is ``"expected"`` (people, the border, habit), ``"fair"`` (by people),
        ``"chasing"`` what was recorded in the years before, or at ``"random"``.
    curve
        How attention becomes noticing: ``"attention"`` 1 − exp(−c a), as `models.likelihood` has it, or
        ``"threshold"`` c²a² / (1 + c²a²).
    missing
        Share of commune-months whose counts were never sent in.
    """

    years: int = 5
    events: float = 100.0
    cases: float = 15.0
    absences: float = 60.0
    sessions: int = 505
    mailboxes: int = 28
    risk: str = "spatial"
    policy: str = "expected"
    curve: str = "attention"
    missing: float = 0.0


@dataclass(frozen=True)
class RiskWorld:
    """A world.

    Attributes
    ----------
    panel
        One row per commune and month: ``commune_code``, ``month``, ``cases``, ``absences`` (missing where not sent
        in), ``population``, the efforts ``outreach`` and ``mailboxes`` (mean 1), ``sessions``, the covariates
        ``border`` (0 or 1) and ``remote_km``.
    truth
        One row per commune: ``true_rate`` (events per person-year, mean over the years), ``true_expected`` (events a
        year), ``at_mean_effort`` (what would be recorded of them a year if effort were even: the model's estimand);
        ``data_kind`` is "simulated".
    events
        What happened, shape (communes, months).
    """

    panel: pd.DataFrame
    truth: pd.DataFrame
    events: NDArray[np.int64]


Plan = Callable[[pd.DataFrame], NDArray[np.float64]]
"""From the panel up to now, the share of next year's sessions that each commune gets."""


def simulate_world(
    units: gpd.GeoDataFrame, options: Options | None = None, *, plan: Plan | None = None, random_state: int = 0
) -> RiskWorld:
    """Simulate a world.

    Parameters
    ----------
    units
        The communes, as `models.programme.describe_units` describes them.
    options
        What the world is like.
    plan
        Who gets the sessions from the second year on, in place of ``options.policy``.
    random_state
        Seed; what happens does not depend on the plan.

    Raises
    ------
    ModelError
        If an option is not known.
    """
    options = options or Options()
    for name, known in (("risk", RISKS), ("policy", POLICIES), ("curve", CURVES)):
        if getattr(options, name) not in known:
            raise ModelError("The {name} must be one of {known}", name=name, known=", ".join(known))
    # One stream of random numbers a step: what changes in one leaves the others as they were.
    risk, happening, acting, noticing, losing = np.random.default_rng(random_state).spawn(5)
    expected = true_rates(units, options, risk) * units["population"].to_numpy(dtype=float)[:, None]
    monthly = np.repeat(expected, 12, axis=1) / 12 * calendar(options.years)
    events = happening.poisson(monthly)
    habit = acting.lognormal(0.0, HABIT_SD, len(units))
    mailboxes = _mailboxes(units, options, acting)
    sessions, counts = np.zeros(events.shape), {name: np.zeros(events.shape, dtype=np.int64) for name in FLOORS}
    remembered, strength = np.zeros(len(units)), dict[str, float]()
    outreach = np.zeros(events.shape)
    for year in range(options.years):
        recorded = sum(count[:, : 12 * year].sum(axis=1) for count in counts.values())
        if plan and year:
            weight = plan(_panel(units, 12 * year, counts, sessions, outreach, mailboxes))
        else:
            weight = _policy(units, options, habit, recorded, acting)
        for month in range(12 * year, 12 * year + 12):
            sessions[:, month] = acting.multinomial(options.sessions // 12, weight)
            remembered = remembered * 0.5 ** (1 / HALF_LIFE_MONTHS) + sessions[:, month]
            outreach[:, month] = remembered / units["population"].to_numpy(dtype=float).clip(min=1)
        # Attention is measured against the sessions that there are in a settled year, not those of later years.
        now = slice(12 * year, 12 * year + 12)
        scaled = outreach[:, now] / outreach[:, now].mean()
        effort = OUTREACH_SHARE * scaled + (1 - OUTREACH_SHARE) * mailboxes[:, None]
        for name, floor in FLOORS.items():
            if year == 0:
                strength[name] = _strength(floor + effort, monthly[:, now], getattr(options, name), options.curve)
            share = noticed(strength[name] * (floor + effort), options.curve)
            counts[name][:, now] = noticing.binomial(events[:, now], share)
    panel = _panel(units, 12 * options.years, counts, sessions, outreach, mailboxes)
    lost = losing.random(len(panel)) < options.missing
    panel = panel.assign(**{name: panel[name].astype("Int64").mask(lost) for name in FLOORS})
    usual = {
        name: float(noticed(np.array(strength[name] * (floor + 1.0)), options.curve)) for name, floor in FLOORS.items()
    }
    truth = units[["commune_code", "vintage"]].assign(
        true_rate=expected.mean(axis=1) / units["population"].to_numpy(dtype=float).clip(min=1),
        true_expected=expected.mean(axis=1),
        at_mean_effort=expected.mean(axis=1) * sum(usual.values()),
        data_kind="simulated",
    )
    return RiskWorld(panel, pd.DataFrame(truth), events)


def true_rates(units: gpd.GeoDataFrame, options: Options, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return true events per person and year, shape (communes, years); each year's sum is ``options.events``.

    The log rate is border and remoteness + a Gaussian process of exponential covariance + independent noise.
    """
    n = len(units)
    places = units[["x", "y"]].to_numpy()
    reach = 1e-6 if options.risk == "independent" else FIELD_REACH_M
    covariance = FIELD_SD**2 * np.exp(-cdist(places, places) / reach) + NOISE_SD**2 * np.eye(n)
    log_rate = explained(units) + rng.multivariate_normal(np.zeros(n), covariance, method="cholesky")
    if options.risk == "outliers":
        log_rate[rng.choice(n, max(1, round(OUTLIERS * n)), replace=False)] += OUTLIER_SIZE
    by_year = np.repeat(log_rate[:, None], options.years, axis=1)
    if options.risk == "drifting":
        by_year += np.cumsum(rng.normal(0.0, DRIFT_SD, by_year.shape), axis=1)
    relative = np.exp(by_year)
    expected = units["population"].to_numpy(dtype=float) @ relative
    rates: NDArray[np.float64] = relative * options.events / expected
    return rates


def explained(units: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the part of the log rate that border and remoteness tell, with the standard deviation `EXPLAINED_SD`."""
    part = sum(_standard(units[name].to_numpy(dtype=float)) for name in ("border", "remote_km"))
    scaled: NDArray[np.float64] = EXPLAINED_SD * _standard(np.asarray(part))
    return scaled


def calendar(years: int) -> NDArray[np.float64]:
    """Return the season and trend of each month, with mean 1."""
    month = np.arange(12 * years)
    course = (1 + SEASON * np.cos(2 * np.pi * month / 12)) * np.exp(TREND * month / 12)
    scaled: NDArray[np.float64] = course / course.mean()
    return scaled


def noticed(attention: NDArray[np.float64], curve: str = "attention") -> NDArray[np.float64]:
    """Return the probability to be noticed."""
    if curve == "threshold":
        odds = attention**2
        return odds / (1 + odds)
    probability: NDArray[np.float64] = -np.expm1(-attention)
    return probability


def _strength(attention: NDArray[np.float64], expected: NDArray[np.float64], total: float, curve: str) -> float:
    """Return by what attention is to be multiplied, that ``total`` of the expected events are noticed."""

    def surplus(log_strength: float) -> float:
        return float((expected * noticed(np.exp(log_strength) * attention, curve)).sum()) - total

    return float(np.exp(brentq(surplus, -20.0, 20.0)))


def _mailboxes(units: gpd.GeoDataFrame, options: Options, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the mailboxes of each commune, with mean 1; they were put where trouble was expected."""
    trouble = units["population"].to_numpy(dtype=float) * np.exp(BORDER_BOOST * units["border"].to_numpy())
    boxes = rng.multinomial(options.mailboxes, trouble / trouble.sum())
    scaled: NDArray[np.float64] = boxes / max(boxes.mean(), 1e-9)
    return scaled


def _policy(
    units: gpd.GeoDataFrame,
    options: Options,
    habit: NDArray[np.float64],
    recorded: NDArray[np.int64] | int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the share of a year's sessions that each commune gets by ``options.policy``."""
    people = units["population"].to_numpy(dtype=float)
    if options.policy == "expected":
        weight = people * np.exp(BORDER_BOOST * units["border"].to_numpy()) * habit
    elif options.policy == "fair":
        weight = people
    elif options.policy == "chasing":
        weight = np.asarray(recorded) + 0.1 * people / people.mean()
    else:
        weight = rng.exponential(size=len(units))
    share: NDArray[np.float64] = weight / weight.sum()
    return share


def _panel(
    units: gpd.GeoDataFrame,
    long: int,
    counts: dict[str, NDArray[np.int64]],
    sessions: NDArray[np.float64],
    outreach: NDArray[np.float64],
    mailboxes: NDArray[np.float64],
) -> pd.DataFrame:
    """Return the panel of the first so many months."""
    months = pd.period_range("2013-01", periods=long, freq="M")
    index = pd.MultiIndex.from_product([units["commune_code"], months], names=["commune_code", "month"])
    outreach = outreach[:, :long]
    columns = {
        **{name: count[:, :long].ravel() for name, count in counts.items()},
        "sessions": sessions[:, :long].ravel().astype("int64"),
        "outreach": (outreach / outreach.mean()).ravel(),
        "mailboxes": np.repeat(mailboxes, long),
        "population": np.repeat(units["population"].to_numpy(), long),
        "border": np.repeat(units["border"].to_numpy(dtype=float), long),
        "remote_km": np.repeat(units["remote_km"].to_numpy(dtype=float), long),
    }
    return pd.DataFrame(columns, index=index).reset_index()


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = values.std()
    standard: NDArray[np.float64] = (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)
    return standard
