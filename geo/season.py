"""In which months of the year events were recorded, all years of the period together."""

from dataclasses import dataclass

import pandas as pd
from scipy import stats

from geo.panel import MIDDLE, SUSPECTED, Panel

MONTHS = pd.RangeIndex(1, 13, name="month")
"""January to December."""


@dataclass(frozen=True)
class Season:
    """Events by commune and month of the year.

    Attributes
    ----------
    counts
        Recorded cases and suspected absences; a row per commune of the panel, columns `MONTHS`.
    years
        How many times each month of the year lies in the period; index `MONTHS`.
    undated
        Events of the period that are in no count, because only their quarter, half-year or year is known.
    """

    counts: pd.DataFrame
    years: pd.Series
    undated: int

    def chance(self) -> float:
        """Return how likely chance alone is to make months differ as much or more, if events come evenly.

        Pearson's chi-squared test of all communes' events together, months weighted by how often they were seen.
        Events that come together (several of one case) make it too small rather than too large. 1 without events.
        """
        seen = self.years[self.years > 0]
        events = self.counts[seen.index].sum()
        if not events.sum() or len(seen) < 2:
            return 1.0
        return float(stats.chisquare(events, events.sum() * seen / seen.sum()).pvalue)


def season_of(panel: Panel) -> Season:
    """Count a panel's cases and suspected absences by commune and month of the year.

    Absences are dated by the day they were reported on.
    """
    codes = panel.table.index.unique("commune_code")
    rows = pd.concat([_events(panel, "cases"), _events(panel, "absences")])
    rows = rows[rows["commune_code"].isin(codes) & rows["month"].isin(panel.months)]
    dated = rows[~rows["coarse"].astype(bool)]
    counts = pd.crosstab(dated["commune_code"], dated["month"].dt.month) if len(dated) else pd.DataFrame()
    return Season(
        counts.reindex(index=codes, columns=MONTHS, fill_value=0).astype("int64"),
        panel.months.month.value_counts().reindex(MONTHS, fill_value=0).rename("years"),
        len(rows) - len(dated),
    )


def _events(panel: Panel, name: str) -> pd.DataFrame:
    """Return the rows of a table that count: ``commune_code``, ``month``, and whether the month is only a middle."""
    rows = panel.placed.get(name)
    if rows is None:
        rows = pd.DataFrame({"commune_code": [], "month": pd.PeriodIndex([], freq="M")})
    elif name == "absences":
        rows = rows[rows["status"].isin(SUSPECTED)]
    coarse = rows["date_precision"].isin(MIDDLE) if "date_precision" in rows else False
    return rows[["commune_code", "month"]].assign(coarse=coarse)
