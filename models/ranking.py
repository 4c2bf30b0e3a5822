"""Which communes first: events expected a year as the risk model sees them, each rank with the parts that make it."""

import geopandas as gpd
import numpy as np
import pandas as pd

from models.risk import PER, RiskModel
from models.risk_words import reasons

NOT_IDENTIFIED = "effort not identified"
COUNTS = ["cases", "victims", "absences", "sessions", "services", "population"]
BY_SOURCE = ["cases_reported", "cases_by_patrol", "cases_by_outreach"]
"""Cases by how they came to be known (`geo.panel.SOURCES`)."""


def rank_outreach(communes: gpd.GeoDataFrame, totals: pd.DataFrame, years: float, model: RiskModel) -> pd.DataFrame:
    """Rank communes for outreach by the events that even effort would record in a year.

    Parameters
    ----------
    communes
        `geo.schema.COMMUNES`.
    totals
        One row per commune (`geo.panel.Panel.totals`).
    years
        Length of the period.
    model
        Fitted to the same communes.

    Returns
    -------
    pandas.DataFrame
        Sorted by rank: ``rank`` (ties share the best rank), ``commune_code``, ``name``, ``district``; ``expected``
        (events a year, cases and absences, at even effort) with its 90 % interval ``lower``, ``upper``; ``rate`` per
        10,000 persons and year; ``p_top10``: how sure it is that the commune is among the first tenth; ``detection``:
        the share of its cases that is noticed; ``own_weight``, ``weak_data``; ``band_lower``, ``band_upper``: how far
        ``expected`` depends on what the records do not tell of effort, missing where they tell it; ``flips``: in what
        share of draws its place in or out of the first tenth is another if reporting differs by half from commune to
        commune, and ``unstable`` where that is more than a fifth (`models.unsure_reporting`); the counts, of the cases
        also by how they came to be known;
        ``recorded_rate``; ``sessions_per_1000``; ``reasons`` (tuples of Message).
    """
    codes = communes["commune_code"]
    table, found = totals.loc[codes], model.predict().join(model.flips()).loc[codes]
    if NOT_IDENTIFIED not in model.flags_:
        found[["band_lower", "band_upper"]] = np.nan
    parts = model.contributions().loc[found.index]
    persons = table["population"].to_numpy(dtype=float)
    per_person = np.divide(1.0, persons, out=np.zeros_like(persons), where=persons > 0)
    events = (table["cases"] + table["absences"]).to_numpy(dtype=float)
    columns = ["expected", "lower", "upper", "rate", "p_top10", "detection", "own_weight", "weak_data", "band_lower",
               "band_upper", "flips", "unstable"]  # fmt: skip
    counts = [*COUNTS, *(name for name in BY_SOURCE if name in table)]
    ranking = pd.concat(
        [communes[["commune_code", "name", "district"]].set_index(found.index), found[columns], table[counts]], axis=1
    ).assign(
        recorded_rate=PER * events * per_person / years,
        sessions_per_1000=1000 * table["sessions"].to_numpy() * per_person,
    )
    ranking.insert(0, "rank", rank_of(ranking["expected"]))
    known = "no effort" not in model.flags_
    ranking["reasons"] = [
        reasons(row, years, parts.loc[row.commune_code], effort_known=known) for row in ranking.itertuples()
    ]
    return pd.DataFrame(ranking.reset_index(drop=True).sort_values(["rank", "commune_code"], ignore_index=True))


def rank_of(score: pd.Series) -> pd.Series:
    """Return ranks from 1 for the highest score; scores equal to nine digits share the best of their ranks."""
    scale = score.abs().max() or 1.0
    return (score / scale).round(9).rank(method="min", ascending=False).astype("int64")
