"""The panel: commune × month counts of cases, absences, outreach effort and services, with the population at risk."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import ModelError, WorkspaceError
from geo.places import Gazetteer, place

SUSPECTED = ("open", "verified_trafficked")
"""Absences of these statuses count as possible trafficking; returned and cleared ones do not."""

_SUMMED: dict[str, dict[str, str | None]] = {
    "cases": {"cases": None, "victims": "victims", "offenders": "offenders"},
    "absences": {"absences": None},
    "outreach": {"sessions": "sessions", "attendees": "attendees"},
}
"""For each table, the counts that it gives and the column that is summed; None counts the rows."""

MIDDLE = {"quarter": 1, "half_year": 3, "year": 6}
"""Months after the first by which a record counts whose date is that of a longer time: the month of its middle."""

SOURCES = {
    "cases_reported": ("police", "hotline", "return", "other"),
    "cases_by_patrol": ("border_guard",),
    "cases_by_outreach": ("mailbox",),
}
"""How cases came to be known, by the columns that count them apart: reported to an office, discovered by those who
patrol, and elicited by what outreach put there. Counting them as one hides who looked."""

COUNTS = ("cases", *SOURCES, "victims", "offenders", "absences", "sessions", "attendees", "services")


@dataclass(frozen=True)
class Panel:
    """Counts by commune and month, and what could not be counted.

    Attributes
    ----------
    table
        One row per commune and month, index (``commune_code``, ``month``) with months as Periods; the columns
        `COUNTS` (integers; ``services`` is the number in operation), ``population`` (at risk: women and children
        where known, else all) .
    placement
        For each table of records, how its rows found their commune: table, placement, rows.
    placed
        The rows themselves by table, each with its ``commune_code`` (missing if it has none) and ``month``; also those
        outside the period.
    """

    table: pd.DataFrame
    placement: pd.DataFrame
    placed: dict[str, pd.DataFrame]

    @property
    def months(self) -> pd.PeriodIndex:
        """The months of the panel, in order."""
        return pd.PeriodIndex(self.table.index.unique("month"))

    @property
    def years(self) -> float:
        """Length of the period in years."""
        return len(self.months) / 12

    def totals(self) -> pd.DataFrame:
        """Return one row per commune: sums over the months, the mean number of services, the population."""
        grouped = self.table.groupby(level="commune_code", sort=False)
        means = {"services": "mean", "population": "first"}
        totals: pd.DataFrame = grouped.agg({name: means.get(name, "sum") for name in (*COUNTS, "population")})
        return totals


def build_panel(
    communes: gpd.GeoDataFrame,
    records: dict[str, pd.DataFrame],
    gazetteer: Gazetteer,
    start: pd.Period,
    end: pd.Period,
) -> Panel:
    """Join the records to communes and count them by month.

    Parameters
    ----------
    communes
        The workspace's layer.
    records
        The tables ``cases``, ``absences``, ``outreach``, ``services`` (any may be absent or empty).
    gazetteer
        How to find a row's commune.
    start, end
        First and last month.

    Raises
    ------
    ModelError
        If the period is empty.
    """
    if start > end:
        raise ModelError("The period from {start} to {end} has no month", start=start, end=end)
    months = pd.period_range(start, end, freq="M")
    index = pd.MultiIndex.from_product([communes["commune_code"], months], names=["commune_code", "month"])
    placed = {name: _placed(table, gazetteer) for name, table in records.items() if len(table)}
    panel = pd.DataFrame(0, index=index, columns=list(COUNTS))
    for name, counted in _counted(placed).items():
        panel[name] = counted.reindex(index, fill_value=0).astype("int64")
    if "services" in placed:
        panel["services"] = in_operation(placed["services"], index)
    at_risk = communes.set_index("commune_code")["women_children"].fillna(
        communes.set_index("commune_code")["population"]
    )
    panel["population"] = at_risk.astype("int64").reindex(index.get_level_values("commune_code")).to_numpy()
    return Panel(panel, _placements(placed, start, end), placed)


def period_of(
    records: dict[str, pd.DataFrame], start: object = None, end: object = None
) -> tuple[pd.Period, pd.Period]:
    """Return the first and last month of cases and absences, or those of the given days.

    Raises
    ------
    WorkspaceError
        If there is no case and no absence.
    """
    months = pd.concat([_months(records["cases"], "date"), _months(records["absences"], "reported_on")]).dropna()
    if months.empty:
        raise WorkspaceError("There is no case and no absence yet; add them with: diemnong add cases FILE")
    first, last = (pd.Timestamp(day).to_period("M") if day else None for day in (start, end))
    return first or months.min(), last or months.max()


def _months(table: pd.DataFrame, date: str) -> pd.Series:
    """Return the month in which each row counts."""
    months = table[date].dt.to_period("M")
    if "date_precision" in table:
        months += table["date_precision"].map(MIDDLE).fillna(0).astype(int)
    return months


def _placed(table: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    found = place(table, gazetteer)
    date = next((name for name in ("date", "reported_on") if name in table), None)
    month = _months(table, date) if date else pd.Series(pd.NaT, index=table.index, dtype="period[M]")
    return table.assign(commune_code=found["unit_code"], placement=found["placement"], month=month)


def _counted(placed: dict[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """Sum each count by commune and month."""
    sums: dict[str, pd.Series] = {}
    for table, columns in _SUMMED.items():
        rows = placed.get(table)
        if rows is None:
            continue
        if table == "absences":
            rows = rows[rows["status"].isin(SUSPECTED)]
        grouped = rows.groupby(["commune_code", "month"])
        for name, column in columns.items():
            if column is None:
                sums[name] = grouped.size()
            elif column in rows:
                sums[name] = grouped[column].sum()
        if "source" in rows:
            known = (rows["source"].isin(sources) for sources in SOURCES.values())
            counted = (rows[each].groupby(["commune_code", "month"]).size() for each in known)
            sums |= dict(zip(SOURCES, counted, strict=True))
    return sums


def in_operation(services: pd.DataFrame, index: pd.MultiIndex) -> NDArray[np.int64]:
    """Count the services that are open in each commune and month, in the order of a panel's index.

    One without a first day counts from the first month, one without a last day to the last.
    """
    codes, months = index.unique("commune_code"), pd.PeriodIndex(index.unique("month"))
    services = services[services["commune_code"].isin(codes)]
    opened = _month_number(services, "since", months, missing=0)
    closed = _month_number(services, "until", months, missing=len(months) - 1) + 1
    unit = codes.get_indexer(services["commune_code"])
    # One more when a service opens and one less in the month after it closes, summed along the months.
    change: NDArray[np.int64] = np.zeros((len(codes), len(months) + 1), dtype=np.int64)
    begun = (opened < len(months)) & (closed > 0) & (opened < closed)
    np.add.at(change, (unit[begun], opened[begun].clip(0)), 1)
    np.add.at(change, (unit[begun], closed[begun].clip(max=len(months))), -1)
    return change.cumsum(axis=1)[:, :-1].ravel()


def _month_number(services: pd.DataFrame, column: str, months: pd.PeriodIndex, missing: int) -> NDArray[np.int64]:
    """Return the months of a column of dates, counted from the first of ``months``."""
    days = services[column] if column in services else pd.Series(pd.NaT, index=services.index)
    number = (days.dt.year - months[0].year) * 12 + days.dt.month - months[0].month
    numbers: NDArray[np.int64] = number.fillna(missing).to_numpy(dtype=np.int64)
    return numbers


def _placements(placed: dict[str, pd.DataFrame], start: pd.Period, end: pd.Period) -> pd.DataFrame:
    rows = []
    for name, table in placed.items():
        dated = table["month"].notna()
        outside = dated & ~table["month"].between(start, end)
        kind = table["placement"].mask(outside, "outside the period")
        rows += [
            {"table": name, "placement": key, "rows": int(n)} for key, n in kind.value_counts().sort_index().items()
        ]
    return pd.DataFrame(rows, columns=["table", "placement", "rows"])
