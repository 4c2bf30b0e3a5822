"""How hard each commune was looked at, month by month: outreach, mailboxes, clubs and patrols as columns of effort."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.panel import Panel, in_operation

HALF_LIFE_MONTHS = 6.0
"""After so long half of what a session taught is forgotten."""
PER = 1000
"""Sessions and clubs count per so many persons at risk."""
MAILBOXES = ("mailbox",)
CLUBS = ("legal_club", "womens_club")
"""Kinds of services; those of victim support notice nothing that was not noticed before."""

SOURCES = ("name", "unit", "source", "rows", "first", "last")


@dataclass(frozen=True)
class Effort:
    """Efforts by commune and month.

    Attributes
    ----------
    table
        The index of the panel; a column for each kind of effort that was recorded: ``outreach`` (sessions per 1,000
        persons at risk, each worth half after `HALF_LIFE_MONTHS`), ``mailboxes`` (in operation), ``clubs`` (in
        operation, per 1,000 persons), ``patrols`` (team-hours in the commune's border sectors).
    sources
        A row for each column: its ``name``, ``unit`` and ``source`` (the table), the number of ``rows``, and the
        ``first`` and ``last`` month of dated ones (ISO 8601).
    """

    table: pd.DataFrame
    sources: pd.DataFrame


def effort_columns(
    panel: Panel, patrols: pd.DataFrame | None = None, sector_communes: pd.Series | None = None
) -> Effort:
    """Return the efforts that were recorded; what no row speaks of has no column, rather than a column of zeros.

    Parameters
    ----------
    panel
        With the placed rows of ``outreach`` and ``services``. Sessions before its first month count as far as they
        are remembered; sessions of later months do not count.
    patrols
        `geo.schema.PATROLS`.
    sector_communes
        Code of the commune that each sector faces, by ``sector_id`` (`geo.border.face_communes`).
    """
    index = panel.table.index
    codes, months = index.unique("commune_code"), panel.months
    persons = panel.table["population"].to_numpy(dtype=float)
    columns: dict[str, NDArray[np.float64]] = {}
    sources: list[tuple[object, ...]] = []
    outreach = _placed(panel, "outreach", codes)
    if len(outreach):
        columns["outreach"] = _per(_remembered(outreach, codes, months), persons)
        unit = f"sessions per {PER} persons, half-life {HALF_LIFE_MONTHS:g} months"
        sources.append(("outreach", unit, "outreach", *_told(outreach, "month")))
    services = _placed(panel, "services", codes)
    mailboxes, clubs = (services[services["kind"].isin(kinds)] for kinds in (MAILBOXES, CLUBS))
    if len(mailboxes):
        columns["mailboxes"] = in_operation(mailboxes, index).astype(float)
        sources.append(("mailboxes", "in operation", "services", *_told(mailboxes, "since")))
    if len(clubs):
        columns["clubs"] = _per(in_operation(clubs, index).astype(float), persons)
        sources.append(("clubs", f"in operation per {PER} persons", "services", *_told(clubs, "since")))
    if patrols is not None and len(patrols) and sector_communes is not None:
        near = patrols.assign(commune_code=patrols["sector_id"].map(sector_communes), month=patrols["date"])
        columns["patrols"] = _by_month(near, near["hours"] * near["teams"], codes, months).ravel()
        sources.append(("patrols", "team-hours a month in the border sectors", "patrols", *_told(near, "date")))
    return Effort(pd.DataFrame(columns, index=index), pd.DataFrame(sources, columns=list(SOURCES)))


def _placed(panel: Panel, table: str, codes: pd.Index) -> pd.DataFrame:
    rows = panel.placed.get(table, pd.DataFrame({"commune_code": [], "kind": []}))
    return rows[rows["commune_code"].isin(codes)]


def _told(rows: pd.DataFrame, date: str) -> tuple[int, str | None, str | None]:
    """Return how many rows there are, and the first and last month of those with a date."""
    months = _months(rows[date]).dropna() if date in rows else pd.PeriodIndex([], freq="M")
    return len(rows), str(months.min()) if len(months) else None, str(months.max()) if len(months) else None


def _months(days: pd.Series) -> pd.PeriodIndex:
    return pd.PeriodIndex(days if isinstance(days.dtype, pd.PeriodDtype) else days.dt.to_period("M"))


def _remembered(outreach: pd.DataFrame, codes: pd.Index, months: pd.PeriodIndex) -> NDArray[np.float64]:
    """Return sessions that are remembered in each commune and month, in the order of the panel's index."""
    first = min(outreach["month"].min(), months[0])
    every = pd.period_range(first, months[-1], freq="M")
    sessions = _by_month(outreach, outreach["sessions"], codes, every)
    keep = 0.5 ** (1 / HALF_LIFE_MONTHS)
    for month in range(1, len(every)):
        sessions[:, month] += keep * sessions[:, month - 1]
    return sessions[:, len(every) - len(months) :].ravel()


def _by_month(rows: pd.DataFrame, amount: pd.Series, codes: pd.Index, months: pd.PeriodIndex) -> NDArray[np.float64]:
    """Sum rows by commune and month, shape (communes, months); rows elsewhere or outside the months are left out."""
    unit, month = codes.get_indexer(rows["commune_code"]), months.get_indexer(_months(rows["month"]))
    inside = (unit >= 0) & (month >= 0)
    sums = np.zeros((len(codes), len(months)))
    np.add.at(sums, (unit[inside], month[inside]), amount.to_numpy(dtype=float)[inside])
    return sums


def _per(values: NDArray[np.float64], persons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values per `PER` persons; where nobody is at risk nobody is reached."""
    return np.divide(PER * values, persons, out=np.zeros_like(values), where=persons > 0)
