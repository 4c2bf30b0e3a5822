"""Which open absences to verify first. For the office that verifies them, and nobody else."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message, PlanError

RELEASE_LEVEL = "command"
"""The only level at which a queue may leave the program: each of its rows is a person."""

CHILD, PERHAPS, ADULT = 0, 1, 2
AGES = {"0-5": CHILD, "6-11": CHILD, "12-15": CHILD, "16-17": CHILD, "unknown": PERHAPS}
"""Classes of `geo.schema.AGE_BANDS`: under 18 is a child (Palermo Protocol, article 3 d), every other band an adult; an
age that is not known may be a child's."""

DAYS = (7, 30, 90, 365)
"""Upper ends of the classes of recency: traces fade by the week first, then by the month."""
DISTANCES_KM = (5.0, 15.0, 30.0)
"""Upper ends of the classes of distance to the border: how soon somebody can be across."""
PLACES = ("point", "village", "commune", "district", "none")
"""How precisely the place is known, best first."""
COLUMNS = (
    "order",
    "absence_id",
    "age_band",
    "sex",
    "days_absent",
    "distance_km",
    "place_known",
    "reasons",
)


@dataclass(frozen=True)
class Queue:
    """Open absences in the order in which to verify them.

    Attributes
    ----------
    table
        `COLUMNS`: ``order`` from 1 (rows that the rule does not part share it), ``absence_id``, ``age_band``, ``sex``,
        ``days_absent``, ``distance_km``, ``place_known`` (one of `PLACES`), ``reasons`` (tuples of Message). No other
        column of the records comes along.
    release_level
        `RELEASE_LEVEL`, for the gate.
    """

    table: pd.DataFrame = field(repr=False)
    release_level: str = RELEASE_LEVEL


def verification_queue(absences: pd.DataFrame, on: pd.Timestamp, distance_km: pd.Series | None = None) -> Queue:
    """Order the open absences by a rule that each row can be told.

    The rule is lexicographic: what comes first decides, and only rows alike in it are parted by the next.

    1. A child, then a person of unknown age, then an adult. 2. How long absent: up to 7, 30, 90, 365 days, longer;
    since the report where the day is not known. 3. How far from the border: up to 5, 15, 30 km, farther, not known. 4.
    How much there is to go by: the place known as a point, village, commune, district, not at all; then the sex known.
    5. The day, latest first.

    Parameters
    ----------
    absences
        `geo.schema.ABSENCES`.
    on
        The day of the queue; absences after it count as of that day.
    distance_km
        To the border, by the index of ``absences``; missing where the place is not known.

    Raises
    ------
    PlanError
        If there is no open absence, or distances are negative or of other rows.
    """
    rows = absences[absences["status"] == "open"]
    if rows.empty:
        raise PlanError("There is no open absence to verify; add them with: diemnong add absences FILE")
    distance = _distances(rows, absences, distance_km)
    known = _column(rows, "absent_since").notna()
    since = pd.to_datetime(_column(rows, "absent_since")).fillna(rows["reported_on"])
    days = (pd.Timestamp(on) - since).dt.days.clip(lower=0)
    age_band = _column(rows, "age_band").fillna("unknown")
    sex = _column(rows, "sex").fillna("unknown")
    place = _place_known(rows)
    keys = pd.DataFrame(
        {
            "age": age_band.map(AGES).fillna(ADULT).astype(int),
            "recency": np.searchsorted(DAYS, days),
            "distance": np.where(distance.isna(), len(DISTANCES_KM) + 1, np.searchsorted(DISTANCES_KM, distance)),
            "place": place.map(PLACES.index),
            "sex": (sex == "unknown").astype(int),
            "days": days,
        },
        index=rows.index,
    )
    table = pd.DataFrame(
        {
            "absence_id": rows["absence_id"],
            "age_band": age_band,
            "sex": sex,
            "days_absent": days.astype("int64"),
            "distance_km": distance,
            "place_known": place,
        }
    )
    table["reasons"] = [_reasons(key, told) for key, told in zip(keys.itertuples(), known, strict=True)]
    table.insert(0, "order", keys.apply(tuple, axis=1).rank(method="min").astype("int64"))
    return Queue(table.sort_values(["order", "absence_id"], ignore_index=True)[list(COLUMNS)])


def _distances(rows: pd.DataFrame, absences: pd.DataFrame, distance_km: pd.Series | None) -> pd.Series:
    if distance_km is None:
        return pd.Series(np.nan, index=rows.index)
    if not distance_km.index.equals(absences.index) or (distance_km < 0).any():
        raise PlanError("Distances to the border are given for each row of the absences, from 0 km on")
    return distance_km.loc[rows.index].astype(float)


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    return rows[name] if name in rows else pd.Series(pd.NA, index=rows.index, dtype="object")


def _place_known(rows: pd.DataFrame) -> pd.Series:
    """Return the most precise way in which each row says where."""
    commune = _column(rows, "commune_code").notna() | _column(rows, "commune").notna()
    has: list[NDArray[np.bool_]] = [
        (_column(rows, "lon").notna() & _column(rows, "lat").notna()).to_numpy(),
        _column(rows, "village").notna().to_numpy(),
        commune.to_numpy(),
        _column(rows, "district").notna().to_numpy(),
    ]
    return pd.Series(np.select(has, PLACES[:-1], default=PLACES[-1]), index=rows.index)


def _reasons(key: Any, told: bool) -> tuple[Message, ...]:
    """Return why a row stands where it stands, in classes rather than in the row's own values."""
    age = {
        CHILD: Message("a child"),
        PERHAPS: Message("age not known: may be a child"),
        ADULT: Message("an adult"),
    }[key.age]
    if key.recency == len(DAYS):
        recency = Message("absent for more than {days} days", {"days": DAYS[-1]})
    else:
        recency = Message("absent for {days} days or less", {"days": DAYS[key.recency]})
    if key.distance > len(DISTANCES_KM):
        distance = Message("distance to the border not known")
    elif key.distance == len(DISTANCES_KM):
        distance = Message("more than {km} km from the border", {"km": DISTANCES_KM[-1]})
    else:
        distance = Message("{km} km from the border or less", {"km": DISTANCES_KM[key.distance]})
    place = (
        Message("place known as a point"),
        Message("place known by village"),
        Message("place known by commune"),
        Message("place known by district only"),
        Message("place not known"),
    )[key.place]
    reasons = [age, recency, distance, place]
    if not told:
        reasons.append(Message("the day is that of the report"))
    if key.sex:
        reasons.append(Message("sex not known"))
    return tuple(reasons)
