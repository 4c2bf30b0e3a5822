"""Posterior draws of a country whose provinces were fitted one by one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.likelihood import Floats
from models.risk_rows import PanelRows
from models.risk_sample import Draws


class Part(NamedTuple):
    """The draws of a province, and the places of its units in the country."""

    units: NDArray[np.int64]
    draws: Draws


class ByProvince:
    """What `models.risk_sample.Sample` says, of each unit by the draws of its province.

    Parameters
    ----------
    parts
        Each unit of the country is in one of them.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts

    @property
    def u(self) -> Floats:
        """The unit effects, shape (units, draws)."""
        return self.by_unit([part.draws.u for part in self.parts])

    @property
    def spatial(self) -> Floats:
        """The part of them that is the neighbours', shape (units, draws)."""
        return self.by_unit([part.draws.spatial for part in self.parts])

    @property
    def slopes(self) -> Floats:
        """Mean slopes of the covariates in the province of each unit, shape (units, covariates)."""
        return self.by_unit([np.tile(part.draws.slopes, (part.units.size, 1)) for part in self.parts])

    def expected(self, data: PanelRows) -> Floats:
        """Return events a year at mean effort, all streams, shape (units, draws)."""
        return self.by_unit([part.draws.expected(data.of(part.units)) for part in self.parts])

    def noticed(self, effort: Floats) -> Floats:
        """Return the share of the first stream's events noticed at efforts (efforts, units, periods): units' means."""
        return self.by_unit([part.draws.noticed(effort[:, part.units]) for part in self.parts])

    def log_score(self, data: PanelRows) -> tuple[Floats, Floats]:
        """Return the log of the predictive probability of each period's counts, and how many are known."""
        totals, known = zip(*(part.draws.log_score(data.of(part.units)) for part in self.parts), strict=True)
        return np.sum(totals, axis=0), np.sum(known, axis=0)

    def recorded(self, data: PanelRows, draw: int, rng: np.random.Generator) -> Floats:
        """Return the means of the counts in one draw, shape (streams, units, periods)."""
        parts = [part.draws.recorded(data.of(part.units), draw, rng).swapaxes(0, 1) for part in self.parts]
        return self.by_unit(parts).swapaxes(0, 1)

    def by_unit(self, parts: list[Floats]) -> Floats:
        """Return arrays by unit of each province as one of the country."""
        whole = np.empty((sum(map(len, parts)), *parts[0].shape[1:]))
        for (units, _), part in zip(self.parts, parts, strict=True):
            whole[units] = part
        return whole
