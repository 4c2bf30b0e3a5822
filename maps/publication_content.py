"""What a publication is made of: ranges of zones, never a count."""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True)
class PublicContent:
    """What is published.

    Attributes
    ----------
    zones
        Polygons in EPSG:4326 with ``zone`` (a name), ``communes`` (their names), ``population``, the least and the most
        of each of ``persons``, ``victims`` and ``absences`` (``persons_low``, ``persons_high``, …; missing where it is
        not shown), and of the rate of persons per 10,000 inhabitants and year (``rate_low``, ``rate_high``).
    whole
        The same columns of all zones together, one row.
    communes
        How many communes there are.
    years
        First and last calendar year.
    k, narrowest, not_shown
        See `models.disclosure.Publication`.
    earlier
        How many releases it was held against.
    made_on, valid_until
        The day of the release, and the last one on which it holds; ISO 8601.
    simulated, approximate
        Whether any record is simulated, and whether boundaries are approximate.
    title, lang
        What the map is called; language of map and report. The report as text has both languages.
    """

    zones: gpd.GeoDataFrame
    whole: pd.DataFrame
    communes: int
    years: tuple[int, int]
    k: int
    narrowest: int
    not_shown: int
    earlier: int
    made_on: str
    valid_until: str
    simulated: bool
    approximate: bool
    title: str
    lang: str
