"""Outreach plans: how many sessions each commune gets, in which month and from which agency."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message, PlanError
from models.allocation import Allocation, Ints, add_greedily, nothing_given
from models.outreach_programme import Programme, Terms, read_terms
from models.outreach_response import Response
from models.timetable import Demand, spread

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Of the intervals."""
TAILS = (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)


@dataclass(frozen=True)
class Travel:
    """What the way costs: ``hours`` to each commune and back, by code, and the events that an hour must be worth."""

    hours: pd.Series
    price: float


@dataclass(frozen=True)
class OutreachPlan:
    """Who goes where and when, what that is expected to prevent, and what could not be held.

    Attributes
    ----------
    table
        ``commune_code``, ``month``, ``agency``, ``sessions``: a row where there are sessions.
    communes
        A row a commune, most expected gain first: ``commune_code``, ``sessions``, of these ``floor`` and ``explored``;
        ``people`` at risk, ``expected`` (events a year), ``gain`` (events prevented by the plan) with its 90 % interval
        ``gain_lower``, ``gain_upper``, ``next_gain`` (of one more session), ``reached`` (share of what outreach can
        prevent there), ``reasons`` (tuples of Message).
    gain
        ``mean``, ``lower``, ``upper`` of the whole plan. Intervals are over the draws of risk: they do not hold what is
        not known of the response.
    dropped
        ``commune_code`` (None where it is of no one commune), ``what`` (``"sessions"`` that nobody can hold, or
        sessions of a ``"floor"``, which are held elsewhere), ``sessions``, ``reason`` (Message).
    """

    table: pd.DataFrame
    communes: pd.DataFrame
    gain: dict[str, float]
    dropped: pd.DataFrame


@dataclass(frozen=True)
class Gain:
    """What sessions are worth by commune: arrays of shape (communes,), ``risk`` (communes, draws) in events a year."""

    risk: Floats
    preventable: Floats
    """Of each event a year, what outreach in the plan's months could prevent at most."""
    step: Floats
    """What one session adds to the exponent."""
    toll: Floats
    """Events that a session must prevent to be worth the way."""

    def reached(self, units: Ints) -> Floats:
        """Return the share of what is preventable that so many sessions prevent."""
        share: Floats = -np.expm1(-self.step * units)
        return share

    def of_next(self, place: int, n: int, worth: Floats) -> float:
        """Return what session n + 1 adds, if all sessions ever would be worth so much."""
        return float(worth[place] * np.exp(-self.step[place] * n) * -np.expm1(-self.step[place]))


def plan_outreach(
    communes: pd.DataFrame,
    draws: pd.DataFrame,
    programme: Programme,
    response: Response | None = None,
    *,
    in_mind: pd.Series | None = None,
    travel: Travel | None = None,
) -> OutreachPlan:
    """Share sessions out so that they are expected to prevent most.

    The gain of n sessions in a commune is (expected events in the months) × (what earlier sessions leave) × ceiling ×
    (1 − exp(−c n)), see `Response`, less the price of the way. First each commune gets its floor; then all but the
    explored share go where the next session adds most to the mean of this; then the explored share goes where the next
    session adds most to (posterior variance / mean of the risk) × (1 − exp(−c n)), so that what is not known is
    looked at, and silence is not taken for safety: half of that ratio is what Poisson counts tell, in nats, of the risk
    for a little more exposure (the expected information of Lindley 1956). Each step is exact (`models.allocation`),
    under every agency's ability and capacity. Months and agencies are those that spread the work most evenly
    (`models.timetable`).

    Parameters
    ----------
    communes
        `geo.schema.COMMUNES`, geometry not needed.
    draws
        Posterior draws of the expected events a year: rows by commune code, a column a draw (``RiskModel.draws_``).
    programme
        What is to be held.
    response
        What sessions prevent; the stated prior by default.
    in_mind
        Earlier sessions per 1,000 persons, faded to the day the plan begins, by commune code; none by default.
    travel
        What getting there costs; nothing by default.

    Raises
    ------
    PlanError
        If the programme does not fit the communes (`read_terms`), draws are missing or do not differ though a share is
        to be explored, or nothing can be held at all.
    """
    terms = read_terms(communes, programme)
    gain = _gain(communes, terms, _risk(draws, terms.codes, programme), response or Response(), in_mind, travel)
    floor, main, whole = _allocate(programme, terms, gain)
    if not whole.flow.any():
        raise PlanError("No session can be held: every month is closed, or no agency has a session left to give")
    result = _by_commune(communes, terms.codes, gain, floor, main, whole)
    total = gain.risk.T @ (gain.preventable * gain.reached(whole.units))
    lower, upper = np.quantile(total, TAILS)
    return OutreachPlan(
        _timetable(terms, whole.units, programme),
        result.sort_values(["gain", "commune_code"], ascending=[False, True], ignore_index=True),
        {"mean": float(total.mean()), "lower": float(lower), "upper": float(upper)},
        _dropped(programme, terms, floor, whole),
    )


def _risk(draws: pd.DataFrame, codes: pd.Index, programme: Programme) -> Floats:
    known = draws.index.is_unique and draws.shape[1] > 0
    risk: Floats = draws.reindex(codes).to_numpy(dtype=float) if known else np.full((len(codes), 1), np.nan)
    if not np.isfinite(risk).all() or (risk < 0).any():
        raise PlanError(
            "The plan needs draws of the risk, from 0 on, for each of {n} communes: fit the risk model on this layer",
            n=len(codes),
        )
    if programme.explore > 0 and not risk.var(axis=1).any():
        raise PlanError("The draws of the risk do not differ, so nothing says where to explore: set the share to 0")
    return risk


def _gain(
    communes: pd.DataFrame,
    terms: Terms,
    risk: Floats,
    response: Response,
    in_mind: pd.Series | None,
    travel: Travel | None,
) -> Gain:
    people, months = _at_risk(communes), terms.season.shape[1]
    left = response.left_by(_by_code(in_mind, terms.codes), months)
    toll = _by_code(travel.hours, terms.codes) * travel.price if travel else np.zeros(len(people))
    return Gain(risk, months / 12 * response.ceiling * left, response.per_session(people, months), toll)


def _at_risk(communes: pd.DataFrame) -> Floats:
    people: Floats = communes["women_children"].fillna(communes["population"]).clip(lower=1).to_numpy(dtype=float)
    return people


def _by_code(values: pd.Series | None, codes: pd.Index) -> Floats:
    if values is None:
        return np.zeros(len(codes))
    found = values.reindex(codes).to_numpy(dtype=float) if values.index.is_unique else np.full(len(codes), np.nan)
    if not (found >= 0).all() or np.isinf(found).any():
        raise PlanError("Hours of travel and earlier sessions must be numbers from 0 on, one for each commune")
    checked: Floats = found
    return checked


def _allocate(programme: Programme, terms: Terms, gain: Gain) -> tuple[Allocation, Allocation, Allocation]:
    """Return the floors, then these with the sessions that prevent most, then these with the explored ones."""
    supply, able = terms.holders
    places = len(terms.codes)
    mean = gain.risk.mean(axis=1)
    worth = mean * gain.preventable
    # The variance itself is greatest where the risk is, and that of the log risk where there is next to none to find.
    doubt = np.divide(gain.risk.var(axis=1), mean, out=np.zeros(places), where=mean > 0)
    least = np.full(places, programme.floor)
    floor = add_greedily(nothing_given(supply, places), able, lambda _, n: -float(n), int(least.sum()), most=least)
    explored = round(programme.explore * programme.sessions)
    main = add_greedily(
        floor,
        able,
        lambda place, n: gain.of_next(place, n, worth) - gain.toll[place],
        max(programme.sessions - explored - int(floor.flow.sum()), 0),
    )
    rest = programme.sessions - int(main.flow.sum())
    return floor, main, add_greedily(main, able, lambda place, n: gain.of_next(place, n, doubt), rest)


def _timetable(terms: Terms, units: Ints, programme: Programme) -> pd.DataFrame:
    share = np.minimum(terms.capacity, programme.sessions)
    demand = Demand(units, terms.able, terms.capacity, terms.monthly, terms.place_share, share / share.sum())
    table = spread(demand)
    agency, month, place = np.nonzero(table)
    return pd.DataFrame(
        {
            "commune_code": terms.codes[place],
            "month": programme.months[month],
            "agency": np.array(programme.agencies)[agency],
            "sessions": table[agency, month, place],
        }
    ).sort_values(["commune_code", "month", "agency"], ignore_index=True)


def _by_commune(
    communes: pd.DataFrame, codes: pd.Index, gain: Gain, floor: Allocation, main: Allocation, whole: Allocation
) -> pd.DataFrame:
    units, worth = whole.units, gain.risk.mean(axis=1) * gain.preventable
    prevented = (gain.preventable * gain.reached(units))[:, None] * gain.risk
    lower, upper = np.quantile(prevented, TAILS, axis=1)
    table = pd.DataFrame(
        {
            "commune_code": codes,
            "sessions": units,
            "floor": floor.units,
            "explored": units - main.units,
            "people": _at_risk(communes).astype(np.int64),
            "expected": gain.risk.mean(axis=1),
            "gain": prevented.mean(axis=1),
            "gain_lower": lower,
            "gain_upper": upper,
            "next_gain": [gain.of_next(place, int(n), worth) for place, n in enumerate(units)],
            "reached": gain.reached(units),
        }
    )
    return table.assign(reasons=[_reasons(row) for row in table.itertuples()])


def _reasons(row: Any) -> tuple[Message, ...]:
    reasons = [
        Message(
            "{sessions} sessions for {people} people, {expected} events a year expected",
            {"sessions": row.sessions, "people": row.people, "expected": row.expected},
        ),
        Message(
            "they reach {share} % of what outreach can prevent here; one more would prevent {gain}",
            {"share": round(100 * row.reached), "gain": row.next_gain},
        ),
    ]
    if row.explored:
        reasons.append(Message("{n} of them because little is known here: silence is not safety", {"n": row.explored}))
    if row.sessions and row.sessions == row.floor:
        reasons.append(Message("no more than the floor that every commune gets"))
    return tuple(reasons)


def _dropped(programme: Programme, terms: Terms, floor: Allocation, whole: Allocation) -> pd.DataFrame:
    rows: list[tuple[str | None, str, int, Message]] = []
    _, able = terms.holders
    for place, lacking in enumerate(programme.floor - floor.units):
        if lacking > 0 and able[:, place].any():
            why = Message("the agencies that can work here have no session left")
        else:
            why = Message("no agency can work here in an open month")
        if lacking > 0:
            rows.append((str(terms.codes[place]), "floor", int(lacking), why))
    held = int(whole.flow.sum())
    if held < programme.sessions:
        why = Message("the agencies can hold {n} sessions in all where and when they may work", {"n": held})
        rows.append((None, "sessions", programme.sessions - held, why))
    return pd.DataFrame(rows, columns=["commune_code", "what", "sessions", "reason"])
