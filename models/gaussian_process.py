"""A challenger: a log-Gaussian process over the units' places."""

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

from geo.errors import ModelError
from models.challengers import Known, PosteriorChallenger, common_rate, places_of, shrunk

MOST_UNITS = 2000
"""The time grows with the cube of the units."""


class GaussianProcess(PosteriorChallenger):
    """Log rates as a Matérn 3/2 process over places, fitted to the Poisson likelihood linearised once.

    About the gamma–Poisson rate r_i of each unit, the log rate that its count speaks for is
    log r_i + (y_i − r_i E_i) / (r_i E_i) with variance 1 / (r_i E_i): a step of iteratively reweighted least squares.
    The rest is scikit-learn's regression; length and variance are those of the greatest marginal likelihood.

    Parameters
    ----------
    x, y
        Columns of the panel with each unit's place, metres.
    """

    def __init__(
        self,
        counts: Sequence[str] = ("cases", "absences"),
        exposure: str = "population",
        *,
        unit: str = "commune_code",
        period: str = "month",
        x: str = "x",
        y: str = "y",
        draws: int = 1000,
        random_state: int = 0,
    ) -> None:
        super().__init__(counts, exposure, unit=unit, period=period, draws=draws, random_state=random_state)
        self.x = x
        self.y = y

    def _learn(self, known: Known) -> None:
        past = known.past
        n = len(past.events)
        if n > MOST_UNITS:
            raise ModelError("A Gaussian process takes at most {most} units; got {n}", most=MOST_UNITS, n=n)
        places = places_of(known.panel, self.unit, (self.x, self.y), self.units_)
        spread = places.std(axis=0).max()
        scaled = (places - places.mean(axis=0)) / (spread if spread > 0 else 1.0)
        common, rate = common_rate(past), shrunk(past).rate_
        mean = (rate * past.person_years).clip(min=1e-9)
        target = np.log(rate / common) + (past.total - mean) / mean
        kernel = ConstantKernel(0.5, (1e-3, 20.0)) * Matern(0.5, (1e-2, 10.0), nu=1.5)
        process = GaussianProcessRegressor(kernel, alpha=1 / mean)
        with warnings.catch_warnings():
            # A length or a variance at its bound is an answer here: no pattern, or a flat one.
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(scaled, target)
        middle, sd = process.predict(scaled, return_std=True)
        self.rate_ = common * np.exp(middle + 0.5 * sd**2)
        self.rate_draws_ = common * np.exp(process.sample_y(scaled, self.draws, random_state=self.random_state))
