"""What is held to the feedback gate: the shipped ways of choosing, and one that chases its own records."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from models.feedback import PEOPLE, UNITS, Records, adjacency, codes_of
from models.likelihood import Floats
from models.outreach import plan_outreach
from models.outreach_programme import EXPLORE, Programme
from models.outreach_response import Response
from models.patrol_demand import PatrolArea, PatrolDemand
from models.patrol_frequencies import OPTIMA, choose_frequencies
from models.risk import RiskModel

DRAWS = 200
"""Of the risk model, at each cycle."""

SESSIONS = 505
"""Outreach sessions a cycle, a year: those that the province held in 2017."""
NOTICES = 0.3
"""Attention that a session brings in its year."""

POSTS, TEAMS = 3, 2
"""Of the patrols: each post has every third sector and so many teams."""


def posterior(records: Records, rng: np.random.Generator, *, corrected: bool = True) -> pd.DataFrame:
    """Return draws of each unit's events a cycle from the shipped risk model, by commune code.

    Before anything was recorded the draws are exponential: next to nothing is known. Unless ``corrected`` the model is
    not told where people looked.
    """
    codes = codes_of(UNITS)
    if not records.found.any():
        return pd.DataFrame(rng.exponential(size=(UNITS, DRAWS)), index=codes)
    seed = int(rng.integers(2**31))
    effort = ("effort",) if corrected else ()
    model = RiskModel(("found",), effort=effort, period="cycle", draws=DRAWS, random_state=seed)
    return pd.DataFrame(model.fit(records.panel(), adjacency()).draws_, index=codes)


@dataclass(frozen=True)
class Outreach:
    """The shipped way to plan sessions: the risk model, then `models.outreach.plan_outreach` as it is by default."""

    def __call__(self, records: Records, rng: np.random.Generator) -> Floats:
        """Return the attention that each commune gets in the next year."""
        kept = np.mean(0.5 ** ((np.arange(12) + 0.5) / Response().half_life_months))
        last = records.effort[-1] / NOTICES if len(records.effort) else np.zeros(UNITS)
        return self._attention(posterior(records, rng), last * kept * 1000 / PEOPLE, EXPLORE)

    def best(self, truth: Floats) -> Floats:
        """Return the attention that prevents most if these are the true events."""
        return self._attention(pd.DataFrame(truth[:, None], index=codes_of(UNITS)), np.zeros(UNITS), 0.0)

    def worth(self, effort: Floats, truth: Floats) -> float:
        """Return what it prevents, but for a factor."""
        step = Response().per_session(np.full(UNITS, float(PEOPLE)), 12)
        return float(truth @ -np.expm1(-step * effort / NOTICES))

    def _attention(self, draws: pd.DataFrame, in_mind: Floats, explore: float) -> Floats:
        communes = pd.DataFrame(
            {
                "commune_code": draws.index,
                "population": PEOPLE,
                "women_children": PEOPLE,
                "border_km_laos": 1.0,
                "border_km_china": 0.0,
            }
        )
        programme = Programme(SESSIONS, pd.period_range("2026-01", periods=12, freq="M"), explore=explore)
        plan = plan_outreach(communes, draws, programme, in_mind=pd.Series(in_mind, index=draws.index))
        sessions = plan.communes.set_index("commune_code")["sessions"].reindex(draws.index)
        attention: Floats = NOTICES * sessions.to_numpy(dtype=float)
        return attention


def _four_weeks() -> PatrolDemand:
    return PatrolDemand(days=28)


@dataclass(frozen=True)
class Patrols:
    """The shipped way to choose patrols, where nothing but the risk tells sectors apart: all are equally far."""

    demand: PatrolDemand = field(default_factory=_four_weeks)
    value_of: Callable[[Records, np.random.Generator], pd.DataFrame] = posterior
    optima: int = OPTIMA

    def __call__(self, records: Records, rng: np.random.Generator) -> Floats:
        """Return the looks of each sector: the risk model, then `models.patrol_frequencies.choose_frequencies`."""
        found = choose_frequencies(
            _area(self.value_of(records, rng)), self.demand, optima=self.optima, random_state=rng
        )
        return found.problem.looks(found.uses)

    def best(self, truth: Floats) -> Floats:
        """Return the looks that detect most if these are the true crossings."""
        known = replace(self, value_of=lambda *_: pd.DataFrame(truth[:, None], index=codes_of(UNITS)), optima=0)
        return known(Records.none(UNITS), np.random.default_rng(0))

    def worth(self, effort: Floats, truth: Floats) -> float:
        """Return the mean crossings of a cycle that are detected."""
        return float(truth @ -np.expm1(-effort))


def chasing() -> Patrols:
    """Return naive patrols: where most was found so far, without a limit, and to chance where nothing was found."""

    def counts(records: Records, rng: np.random.Generator) -> pd.DataFrame:
        found = records.found.sum(axis=0) + 1e-3 * rng.random(UNITS)
        return pd.DataFrame(found[:, None], index=codes_of(UNITS))

    return Patrols(replace(_four_weeks(), most_likely=1 - 1e-9), counts, 0)


def uncorrected() -> Patrols:
    """Return the shipped patrols, following a model that takes what was recorded for what happens."""
    return Patrols(value_of=partial(posterior, corrected=False))


def unvaried() -> Patrols:
    """Return patrols that follow the shipped model where most is expected, and leave nothing to chance."""
    return Patrols(replace(_four_weeks(), most_likely=1 - 1e-9), optima=0)


def _area(draws: pd.DataFrame) -> PatrolArea:
    sectors, posts = draws.index, [f"P{post}" for post in range(POSTS)]
    near = np.arange(POSTS)[:, None] == np.arange(UNITS) % POSTS
    # One sector a shift: no way leads from one to the next.
    alone = np.where(np.eye(UNITS, dtype=bool), 0.0, np.inf)
    return PatrolArea(
        draws,
        pd.DataFrame(np.where(near, 1.0, np.inf), index=posts, columns=sectors),
        pd.DataFrame(alone, index=sectors, columns=sectors),
        pd.Series(TEAMS, index=posts),
    )
