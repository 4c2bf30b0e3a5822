"""What an outreach plan is asked to hold: sessions, months, agencies, and where and when each can work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import PlanError
from geo.schema import AGENCIES
from models.allocation import Flags, Ints

Floats = NDArray[np.float64]

EXPLORE = 0.15
"""Share of the sessions that go where the risk is least known."""


@dataclass(frozen=True)
class Programme:
    """What is to be held, and by whom.

    Attributes
    ----------
    sessions
        How many in all.
    months
        The months of the plan, in order.
    agencies
        Who holds sessions.
    capacity
        Sessions that each agency can hold in all (those not named: any number), or a table of agencies × months with
        those of each month. Where it is None, any number, and agencies get like shares.
    able
        Agencies × commune codes, true where the agency may work. By default everywhere, and ``border_guard`` in the
        communes of the border only.
    floor
        Sessions that each commune gets at least.
    explore
        Share of the sessions that go by the posterior variance of the risk over its mean.
    seasons
        Weight of each calendar month, by number (1 to 12), or a table of commune codes × those numbers: 0 is closed, 2
        gets twice the sessions of 1. What is not named weighs 1.
    """

    sessions: int
    months: pd.PeriodIndex
    agencies: Sequence[str] = AGENCIES
    capacity: Mapping[str, int] | pd.DataFrame | None = None
    able: pd.DataFrame | None = None
    floor: int = 1
    explore: float = EXPLORE
    seasons: pd.Series | pd.DataFrame | None = None


class Terms(NamedTuple):
    """A programme in arrays; agencies, months and communes in the order in which they were given."""

    codes: pd.Index
    able: Flags
    """Who may come when and where, shape (agencies, months, communes)."""
    capacity: Ints
    """Shape (agencies,)."""
    monthly: Ints
    """Shape (agencies, months)."""
    limited_by_month: bool
    season: Floats
    """Shape (communes, months)."""

    @property
    def holders(self) -> tuple[Ints, Flags]:
        """How many sessions each has to give, and where: agencies, or agencies in a month where those have limits."""
        if self.limited_by_month:
            return self.monthly.ravel(), self.able.reshape(-1, len(self.codes))
        anywhen: Flags = np.any(self.able, axis=1)
        return self.capacity, anywhen

    @property
    def place_share(self) -> Floats:
        """Share of each commune's sessions by month; even where every month is closed."""
        total = self.season.sum(axis=1, keepdims=True)
        even = np.full_like(self.season, 1 / self.season.shape[1])
        share: Floats = np.divide(self.season, total, out=even, where=total > 0)
        return share


def read_terms(communes: pd.DataFrame, programme: Programme) -> Terms:
    """Check a programme against the communes.

    Raises
    ------
    PlanError
        If there is no commune, session, month or agency, a number is out of its range, a table names what is not
        there, floors need more sessions than there are, or an agency can work nowhere.
    """
    codes = pd.Index(communes["commune_code"])
    _check_numbers(codes, programme)
    agencies = list(programme.agencies)
    where, season = _where(communes, codes, programme), _season(codes, programme)
    for agency, reach in zip(agencies, where, strict=True):
        if not reach.any():
            raise PlanError(
                "The agency {agency} can work in no commune: leave it out, or say where it may work", agency=agency
            )
    capacity, monthly = _capacity(programme)
    able = where[:, None, :] & (season.T > 0)[None] & (monthly > 0)[:, :, None]
    return Terms(codes, able, capacity, monthly, isinstance(programme.capacity, pd.DataFrame), season)


def _check_numbers(codes: pd.Index, programme: Programme) -> None:
    if codes.empty:
        raise PlanError("There is no commune to plan for; add the layer of communes first")
    if not codes.is_unique:
        raise PlanError("A commune code stands in the layer more than once")
    if programme.sessions < 1:
        raise PlanError("An outreach plan needs at least one session; got {n}", n=programme.sessions)
    if not len(programme.months) or not len(programme.agencies):
        raise PlanError("An outreach plan needs at least one month and one agency")
    unknown = sorted(set(programme.agencies) - set(AGENCIES))
    if unknown or len(set(programme.agencies)) < len(programme.agencies):
        raise PlanError("Agencies are named once each, and are some of {known}", known=", ".join(AGENCIES))
    if programme.floor < 0 or not 0 <= programme.explore <= 1:
        raise PlanError(
            "The floor must be 0 or more and the explored share between 0 and 1; got {floor} and {share}",
            floor=programme.floor,
            share=programme.explore,
        )
    if programme.floor * len(codes) > programme.sessions:
        raise PlanError(
            "{sessions} sessions cannot give each of {n} communes its floor of {floor}: plan {needed} sessions, or "
            "lower the floor",
            sessions=programme.sessions,
            n=len(codes),
            floor=programme.floor,
            needed=programme.floor * len(codes),
        )


def _where(communes: pd.DataFrame, codes: pd.Index, programme: Programme) -> Flags:
    """Return who may work where, shape (agencies, communes)."""
    agencies = list(programme.agencies)
    if programme.able is not None:
        _must_be_known("able", programme.able.index, agencies)
        missing = codes.difference(programme.able.columns)
        if len(missing) or not set(agencies) <= set(programme.able.index):
            raise PlanError(
                "The table of who may work where lacks {n} communes or an agency of the plan: give every one",
                n=len(missing),
            )
        given: Flags = programme.able.loc[agencies, codes].to_numpy(dtype=bool)
        return given
    border = (communes["border_km_laos"].fillna(0) + communes["border_km_china"].fillna(0) > 0).to_numpy()
    return np.stack([border if agency == "border_guard" else np.ones(len(codes), dtype=bool) for agency in agencies])


def _capacity(programme: Programme) -> tuple[Ints, Ints]:
    """Return how many sessions each agency can hold in all, and in each month at most."""
    agencies, months, most = list(programme.agencies), programme.months, programme.sessions
    given = programme.capacity
    if isinstance(given, pd.DataFrame):
        _must_be_known("capacity", given.index, agencies)
        if len(months.difference(given.columns)):
            raise PlanError("The table of capacities lacks a month of the plan: give every agency and month a number")
        monthly = given.reindex(index=agencies, columns=months).fillna(most)
        return _counts(monthly).sum(axis=1), _counts(monthly)
    _must_be_known("capacity", pd.Index(given or {}), agencies)
    total = _counts(pd.Series(dict(given or {}), dtype=float).reindex(agencies).fillna(most))
    return total, np.repeat(total[:, None], len(months), axis=1)


def _counts(numbers: pd.Series | pd.DataFrame) -> Ints:
    values = numbers.to_numpy(dtype=float)
    if (values < 0).any() or (values % 1 != 0).any():
        raise PlanError("Capacities are whole numbers from 0 on")
    counts: Ints = values.astype(np.int64)
    return counts


def _season(codes: pd.Index, programme: Programme) -> Floats:
    """Return the weight of each commune and month, shape (communes, months)."""
    seasons, numbers = programme.seasons, programme.months.month
    if seasons is None:
        return np.ones((len(codes), len(numbers)))
    if isinstance(seasons, pd.DataFrame):
        _must_be_known("seasons", seasons.index, codes)
        table = seasons.reindex(index=codes, columns=range(1, 13)).fillna(1.0).to_numpy(dtype=float)
    else:
        table = np.tile(seasons.reindex(range(1, 13)).fillna(1.0).to_numpy(dtype=float), (len(codes), 1))
    names = seasons.columns if isinstance(seasons, pd.DataFrame) else seasons.index
    if not set(names) <= set(range(1, 13)) or (table < 0).any() or not np.isfinite(table).all():
        raise PlanError("Seasons are weights from 0 on for calendar months 1 to 12; 0 closes a month")
    weights: Floats = table[:, numbers - 1]
    return weights


def _must_be_known(table: str, names: pd.Index, known: Sequence[str] | pd.Index) -> None:
    strange = names.difference(pd.Index(known))
    if len(strange):
        raise PlanError(
            "The table {table} names {name}, which is no part of the plan", table=table, name=str(strange[0])
        )
