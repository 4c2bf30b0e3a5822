"""BorderFlows: from the risk of communes to the border sectors over which people are moved."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import expit, logit, softmax
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from geo.errors import Message, ModelError
from models.flow_choice import (
    OUTSIDE,
    PULL,
    SCALE,
    SECTORS,
    Bools,
    Floats,
    Integers,
    Mixture,
    Normals,
    Region,
    choice_shares,
    find_posterior,
)
from models.flow_rows import Costs, read_choices, read_season, read_ways
from models.flow_tables import FlowDraws, Flows, flow_tables

HALF_90 = 1.6448536269514722
"""Half of the central 90 % of a normal, in standard deviations."""
SPREADS = (0.5, 1.0, 2.0, 4.0)
"""Times the usual spread of the sectors' attractions that are averaged over."""
SPREADS_SD = 0.7
"""Standard deviation of the log of that spread in the prior."""
MOVED = 0.1
"""Where the standard deviation of a parameter fell by less than this share, the cases did not speak of it."""


class BorderFlows(BaseEstimator):  # type: ignore[misc]
    """Which way events leave: a border sector, or another way (inland, by official gates).

    An event of commune *i* goes to sector *j* with probability proportional to length_j (1 + crossings_j)^κ exp(a_j)
    exp(−hours_ij / scale), and by another way with probability o for a commune of mean access, more where the border is
    far (`models.flow_choice`). Parameters are fitted to cases with a known crossing; what these do not tell is the
    prior, which is a judgement and not an estimate: medians and spreads are the parameters below.

    Cases with a known crossing are those that were seen at the border. How many leave by other ways they can tell only
    if such cases are recorded as often (``outside_recorded``); otherwise ``outside_share`` stays the prior.

    Parameters
    ----------
    scale_hours, scale_spread
        Hours over which the pull of a sector falls to 1/e: median, and standard deviation of the log. 3 hours are 20 km
        of straight distance as `geo.travel.straight_times` counts it.
    crossing_pull, pull_spread
        κ: mean and standard deviation. At 1 a crossing makes a sector twice as attractive, at 1.5 nearly three times.
    outside_share, outside_spread
        o: median, and standard deviation of the log odds.
    sector_spread
        Standard deviation of the attractions a_j, which neither length nor crossings explain: the most probable
        without cases. Results are averaged over a prior around it.
    outside_recorded
        Whether the cases of `fit` would hold those that left by other ways as often as those that crossed a sector.
    crossings_only
        Whether cases can tell of sectors with a crossing only, because a record names a crossing of the list or none.
        Their choice is then one among these sectors: that all known ways lead over crossings says nothing of κ.
    random_state
        Seed of the draws.

    Attributes
    ----------
    parameters_
        ``scale_hours``, ``crossing_pull``, ``outside_share`` (index): posterior ``median``, ``lower``, ``upper``
        (90 %), and whether the cases ``moved`` the prior.
    attractions_
        exp(a_j) by sector, in those columns.
    sector_spread_
        Posterior mean of that standard deviation.
    cases_
        How many cases were used.
    notes_
        What a reader must know (Messages).

    References
    ----------
    Huff, D. L. (1964). Defining and estimating a trading area. Journal of Marketing 28(3), 34–38.
    McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior. In Frontiers in Econometrics,
    105–142. Academic Press.
    """

    def __init__(
        self,
        *,
        scale_hours: float = 3.0,
        scale_spread: float = 0.8,
        crossing_pull: float = 1.5,
        pull_spread: float = 0.75,
        outside_share: float = 0.3,
        outside_spread: float = 1.0,
        sector_spread: float = 0.5,
        outside_recorded: bool = False,
        crossings_only: bool = False,
        random_state: int = 0,
    ) -> None:
        self.scale_hours = scale_hours
        self.scale_spread = scale_spread
        self.crossing_pull = crossing_pull
        self.pull_spread = pull_spread
        self.outside_share = outside_share
        self.outside_spread = outside_spread
        self.sector_spread = sector_spread
        self.outside_recorded = outside_recorded
        self.crossings_only = crossings_only
        self.random_state = random_state

    def fit(
        self, costs: Costs, cases: pd.DataFrame | None = None, *, sectors: pd.DataFrame | None = None
    ) -> "BorderFlows":
        """Learn from cases which sectors pull, and how far.

        Parameters
        ----------
        costs
            Hours, index the communes, columns the sectors (`geo.travel.TravelTimes.hours`), infinite where no way
            leads; a table for the year, or one for each month where terrain closes by season (months may share one).
        cases
            A row for each case and sector at which it may have crossed: ``case_id``, ``commune_code``, ``sector_id``
            (missing: left by another way), and ``month`` where costs have seasons
            (`models.crossing_sectors.crossed_sectors`); None or no row for the prior alone.
        sectors
            Index the sectors; ``length_km``, ``crossings`` (`models.crossing_sectors.sector_table`). None: all alike.

        Raises
        ------
        ModelError
            If a parameter or a table is not as it must be.
        """
        self._ways = read_ways(costs, sectors)
        self._check()
        choices = read_choices(self._ways, cases, self.outside_recorded)
        spreads = self.sector_spread * np.array(SPREADS)
        priors = [self._prior(len(self._ways.sectors), spread) for spread in spreads]
        region = self._told_of(self._ways.region, choices.chosen.sectors)
        parts = [find_posterior(region, choices.chosen, prior) for prior in priors]
        beforehand = -0.5 * (np.log(SPREADS) / SPREADS_SD) ** 2
        weights = softmax(beforehand + [part.log_evidence for part in parts])
        self._posterior = Mixture(parts, weights)
        self.sector_spread_ = float(weights @ spreads)
        self.cases_ = len(choices.chosen.origin)
        table = self._table(np.sqrt(softmax(beforehand) @ np.square([prior.sd for prior in priors])))
        self.parameters_ = table.iloc[:SECTORS].set_axis(["scale_hours", "crossing_pull", "outside_share"])
        self.attractions_ = table.iloc[SECTORS:].set_axis(self._ways.sectors)
        self.notes_ = (*choices.notes, *self._notes())
        return self

    def predict(self, risk: pd.DataFrame, *, season: pd.Series | None = None, names: pd.Series | None = None) -> Flows:
        """Return the flows over the sectors, with the uncertainty of the risk and of the ways.

        Parameters
        ----------
        risk
            Expected events a year, index the communes, a column for each posterior draw
            (``pd.DataFrame(model.draws_, model.units_)`` of a `models.risk.RiskModel`).
        season
            Share of a year's events in the months 1 to 12 (index); None: all alike.
        names
            Of the communes, for the reasons; None: their codes.

        Raises
        ------
        ModelError
            If the risk is not a number of 0 or more everywhere, or the costs lack a commune.
        """
        check_is_fitted(self)
        months, ways = read_season(season), self._ways
        at = ways.origins.get_indexer(risk.index)
        if lost := int((at < 0).sum()):
            raise ModelError("The travel times lack {n} of the {all} communes of the risk", n=lost, all=len(risk))
        events = risk.to_numpy(dtype=float)
        if not events.size or not risk.index.is_unique or not (np.isfinite(events).all() and (events >= 0).all()):
            raise ModelError("The risk must be 0 or more events a year in each draw, each commune once")
        draws = self._carry(events, at, months)
        said = () if season is not None else (Message("no season is given: all months are taken as alike"),)
        labels = risk.index.astype(str) if names is None else names.reindex(risk.index).fillna(risk.index.to_series())
        hours = np.where(ways.region.reached, ways.region.hours, np.inf)[:, at].min(axis=(0, 2))
        return flow_tables(draws, risk.index, ways, pd.Index(labels), hours, (*self.notes_, *said))

    def _carry(self, events: Floats, at: Integers, months: Floats) -> FlowDraws:
        """Carry each draw of the risk along one draw of the ways."""
        ways, count = self._ways, events.shape[1]
        parameters = self._posterior.draw(count, np.random.default_rng(self.random_state))
        by_season = np.bincount(ways.season, months, len(ways.region.weights))
        monthly = np.empty((12, len(ways.sectors), count))
        outside, feeding = np.empty(events.shape), np.zeros((len(at), len(ways.sectors)))
        for draw in range(count):
            shares = choice_shares(ways.region, parameters[draw])
            here = events[:, draw]
            monthly[..., draw] = months[:, None] * (here @ shares.sectors[:, at])[ways.season]
            outside[:, draw] = by_season @ shares.outside[:, at]
            feeding += here[:, None] * np.tensordot(by_season, shares.sectors[:, at], axes=1)
        pull = np.exp(np.outer(ways.region.log_crossings, parameters[:, PULL])).mean(axis=1)
        return FlowDraws(events, monthly, outside, feeding / count, pull)

    def _check(self) -> None:
        spreads = self.scale_spread, self.pull_spread, self.outside_spread, self.sector_spread
        if not (np.isfinite(spreads).all() and min(spreads) > 0):
            raise ModelError("The spreads of the prior must be above 0")
        if self.crossings_only and self.outside_recorded:
            raise ModelError("Cases that can name crossings only do not tell how many leave by other ways")
        if not (self.scale_hours > 0 and 0 < self.outside_share < 1 and np.isfinite(self.crossing_pull)):
            raise ModelError("The prior needs a scale above 0 hours and a share of other ways between 0 and 1")

    def _told_of(self, region: Region, sets: Bools) -> Region:
        """Return the region of which cases can tell."""
        if not self.crossings_only:
            return region
        return replace(region, reached=region.reached & ((region.log_crossings > 0) | sets.any(axis=0)))

    def _prior(self, sectors: int, spread: float) -> Normals:
        head = [np.log(self.scale_hours), self.crossing_pull, logit(self.outside_share)]
        mean = np.concatenate([head, np.zeros(sectors)])
        spreads = [self.scale_spread, self.pull_spread, self.outside_spread]
        return Normals(mean, np.concatenate([spreads, np.full(sectors, spread)]))

    def _table(self, prior_sd: Floats) -> pd.DataFrame:
        """Return what is known of each parameter, on the scales on which they are read."""
        mean, sd = self._posterior.moments()
        table = pd.DataFrame({"median": mean, "lower": mean - HALF_90 * sd, "upper": mean + HALF_90 * sd})
        read = table.apply(np.exp)
        read.iloc[PULL] = table.iloc[PULL]
        read.iloc[OUTSIDE] = expit(table.iloc[OUTSIDE])
        return read.assign(moved=sd < (1 - MOVED) * prior_sd)

    def _notes(self) -> tuple[Message, ...]:
        notes, table = [], self.parameters_
        if not self.cases_:
            notes.append(
                Message(
                    "no case with a known crossing: where people leave is assumed, not learned "
                    "(scale {hours} h, crossing pull {pull})",
                    {"hours": self.scale_hours, "pull": self.crossing_pull},
                )
            )
        elif not table["moved"].iloc[SCALE]:
            notes.append(
                Message("{n} cases with a known crossing tell nothing of how far people are moved", {"n": self.cases_})
            )
        if self.cases_ and self.crossings_only:
            notes.append(
                Message(
                    "records name crossings or nothing: how much leaves between the crossings is assumed "
                    "(crossing pull {pull})",
                    {"pull": self.crossing_pull},
                )
            )
        if not table["moved"].iloc[OUTSIDE]:
            share = 100 * self.outside_share
            notes.append(Message("the share that leaves by other ways is assumed: {percent} %", {"percent": share}))
        if not self._ways.crossings.any():
            notes.append(Message("no crossings are given: length and travel time alone make a sector attractive"))
        return tuple(notes)
