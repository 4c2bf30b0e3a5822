"""The challengers that anybody can compute: counts, people, and gamma–Poisson rates."""

import numpy as np

from models.challengers import (
    PSEUDO_EVENTS,
    Challenger,
    Known,
    PosteriorChallenger,
    RateChallenger,
    Stretch,
    common_rate,
    shrunk,
)
from models.likelihood import Floats


class CumulativeCount(Challenger):
    """The events recorded so far, a year. Where a chance is asked for, one event is spread evenly over the units."""

    def _learn(self, known: Known) -> None:
        units, periods = known.past.events.shape
        years = known.past.years * periods
        self.yearly_: Floats = known.past.total / years
        self._smooth = PSEUDO_EVENTS / (units * years)

    def _means(self, at: Stretch) -> Floats:
        means: Floats = at.years * (self.yearly_ + self._smooth)[:, None]
        return means

    def _expected(self, at: Stretch) -> Floats:
        expected: Floats = at.years * self.yearly_
        return expected


class LastYearCount(CumulativeCount):
    """The events recorded in the last year; of a shorter past, all of them."""

    def _learn(self, known: Known) -> None:
        super()._learn(known._replace(past=known.past.between(-round(1 / known.past.years), None)))


class Population(RateChallenger):
    """The same rate everywhere: people alone."""

    def _learn(self, known: Known) -> None:
        self.rate_ = np.full(len(known.past.events), common_rate(known.past))


class EmpiricalBayes(PosteriorChallenger):
    """The gamma–Poisson rates of `models.baselines.GammaPoisson` around the common rate."""

    def _learn(self, known: Known) -> None:
        model = shrunk(known.past)
        self.rate_ = model.rate_
        self.rate_draws_ = model.sample(self.draws, np.random.default_rng(self.random_state))
