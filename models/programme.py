"""What the simulated agencies do: outreach, services, posts and patrols, with the published totals of 2017.

They go where trouble was expected (people and the border), not where it is: nothing here sees the true risk.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import STORED
from geo.errors import ModelError
from geo.schema import TABLES, key_of

YEARS = tuple(range(2013, 2018))
MONTHS = pd.period_range(f"{YEARS[0]}-01", f"{YEARS[-1]}-12", freq="M")
END = pd.Timestamp(YEARS[-1], 12, 31)

OUTREACH_2017 = {"police": (94, 17_400), "labour": (276, 25_000), "border_guard": (135, 6_200)}
"""Sessions and attendees by agency, as the province published them."""

OUTREACH_KINDS = {"police": "talk", "labour": "mobile session", "border_guard": "border talk"}

SERVICES_2017 = {
    ("mailbox", None): 28,
    ("legal_club", "legal_aid"): 84,
    ("legal_club", "women_and_law"): 14,
    ("legal_club", "farmers_youth"): 12,
    ("womens_club", "club"): 591,
    ("womens_club", "member_group"): 353,
    ("womens_club", "drug_relapse"): 179,
}
"""Services that run at the end of 2017, by kind and subkind. Sites of victim support come later."""

RAMP = {2013: 0.6, 2014: 0.7, 2015: 0.8, 2016: 0.9, 2017: 1.0}
"""Outreach of each year as a share of that of 2017."""

BORDER_BOOST = 1.0
"""Log of how much more trouble the agencies expect of a person in a border commune."""
HABIT_SD = 0.6
"""Spread (log) of what expectation does not explain: roads, languages, a keen commune chairman."""
TOUCHING_M = 500.0
POSTS = 12
PATROLS_A_MONTH = 30
CROSSING_REACH_M = 8_000.0
"""Patrols thin out with the distance from the nearest crossing: by e per this many metres."""


def describe_units(communes: gpd.GeoDataFrame, sectors: gpd.GeoDataFrame, crs: str) -> gpd.GeoDataFrame:
    """Return the communes with what the simulation needs to know of each.

    Parameters
    ----------
    communes
        `geo.schema.COMMUNES`, one vintage.
    sectors
        `geo.schema.BORDER`: they say which communes lie on the border where its kilometres are not known.
    crs
        Metric CRS for distances.

    Returns
    -------
    geopandas.GeoDataFrame
        Added columns: ``x``, ``y`` (centroid, metres), ``border`` (bool), ``remote_km`` (distance to the
        population-weighted centre).

    Raises
    ------
    ModelError
        If no commune has a border.
    """
    areas = communes.to_crs(crs)
    centroids = areas.centroid
    x, y = centroids.x.to_numpy(), centroids.y.to_numpy()
    people = communes["population"].to_numpy(dtype=float)
    east, north = np.average(x, weights=people), np.average(y, weights=people)
    km = communes[["border_km_laos", "border_km_china"]].sum(axis=1, min_count=1)
    touches = areas.distance(sectors.to_crs(crs).union_all()) < TOUCHING_M
    border = (km > 0) | (km.isna() & touches)
    if not border.any():
        raise ModelError("None of the {n} communes has a border; the demo needs at least one", n=len(communes))
    units = communes.assign(x=x, y=y, border=border, remote_km=np.hypot(x - east, y - north) / 1000)
    return units.reset_index(drop=True)


def expected_trouble(units: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return where the agencies expect trouble: people, counted more on the border; shape (units,)."""
    boost = np.exp(BORDER_BOOST * units["border"].to_numpy())
    trouble: NDArray[np.float64] = boost * units["population"].to_numpy(dtype=float)
    return trouble


def simulate_outreach(units: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return a row for each agency, commune and month with sessions; 2017 is `OUTREACH_2017` exactly."""
    favoured = expected_trouble(units) * rng.lognormal(0.0, HABIT_SD, len(units))
    parts = [_sessions_of_year(units, favoured, agency, year, rng) for agency in OUTREACH_2017 for year in YEARS]
    return typed(numbered(pd.concat(parts), "outreach", "date"), "outreach")


def _sessions_of_year(
    units: gpd.GeoDataFrame, favoured: NDArray[np.float64], agency: str, year: int, rng: np.random.Generator
) -> pd.DataFrame:
    sessions, attendees = (round(RAMP[year] * total) for total in OUTREACH_2017[agency])
    weight = favoured * units["border"].to_numpy() if agency == "border_guard" else favoured
    cells = rng.multinomial(sessions, np.tile(weight / weight.sum() / 12, 12)).reshape(12, len(units))
    month, unit = cells.nonzero()
    held = cells[month, unit]
    crowd = held * rng.gamma(6.0, size=held.size)
    return at_communes(units, unit).assign(
        date=random_days(month + (year - YEARS[0]) * 12, rng),
        agency=agency,
        kind=OUTREACH_KINDS[agency],
        sessions=held,
        attendees=held + rng.multinomial(attendees - sessions, crowd / crowd.sum()),
    )


def simulate_services(units: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return mailboxes and clubs, some older than 2013 and the last of 2017: `SERVICES_2017` exactly."""
    people = units["population"].to_numpy(dtype=float)
    parts = []
    for (kind, subkind), total in SERVICES_2017.items():
        # Mailboxes were put in key areas, clubs where people live.
        weight = expected_trouble(units) if kind == "mailbox" else people
        unit = rng.choice(len(units), total, p=weight / weight.sum())
        since = END - pd.to_timedelta(rng.integers(0, 7 * 365, total), unit="D")
        parts.append(at_communes(units, unit).assign(kind=kind, subkind=subkind, since=since))
    return typed(numbered(pd.concat(parts), "services", "since"), "services")


def simulate_posts(units: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return invented posts at random points of border communes: real posts are never in the program."""
    border = np.flatnonzero(units["border"])
    unit = rng.choice(border, min(POSTS, border.size), replace=False)
    number = np.arange(1, unit.size + 1)
    rows = random_points(units, unit, rng).assign(
        post_id=[f"SIM-POST-{n:02d}" for n in number],
        name=[f"Đồn mô phỏng {n}" for n in number],
        teams=rng.integers(1, 4, unit.size),
    )
    return typed(rows, "posts")


def simulate_patrols(
    sectors: gpd.GeoDataFrame, crossing_points: gpd.GeoSeries, crs: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return five years of patrols, more of them in the sectors near crossings (points in ``crs``)."""
    lines = sectors.to_crs(crs)
    middle = lines.interpolate(0.5, normalized=True)
    nearest = np.min([middle.distance(point) for point in crossing_points], axis=0, initial=np.inf)
    weight = lines.length.to_numpy() * (0.1 + np.exp(-nearest / CROSSING_REACH_M))
    total = PATROLS_A_MONTH * len(MONTHS)
    month = np.repeat(np.arange(len(MONTHS)), PATROLS_A_MONTH)
    rows = pd.DataFrame(
        {
            "date": random_days(month, rng),
            "sector_id": rng.choice(sectors["sector_id"].to_numpy(dtype=object), total, p=weight / weight.sum()),
            "hours": rng.integers(6, 25, total) / 2,
            "teams": rng.integers(1, 3, total),
        }
    )
    return typed(numbered(rows, "patrols", "date"), "patrols")


def at_communes(units: gpd.GeoDataFrame, unit: NDArray[np.int64]) -> pd.DataFrame:
    """Return the place columns of rows known by commune; ``unit`` is the position of each row's commune."""
    rows = units[["commune_code", "vintage", "name", "district"]].iloc[unit].reset_index(drop=True)
    return rows.rename(columns={"name": "commune"})


def random_points(units: gpd.GeoDataFrame, unit: NDArray[np.int64], rng: np.random.Generator) -> pd.DataFrame:
    """Return ``lon``, ``lat`` of one random point inside the commune of each row."""
    areas = gpd.GeoSeries(units.geometry.to_crs(STORED).iloc[unit].to_numpy(), crs=STORED)
    points = areas.sample_points(1, rng=rng).get_coordinates()
    return points.set_axis(["lon", "lat"], axis=1)


def random_days(month: NDArray[np.int64], rng: np.random.Generator) -> pd.DatetimeIndex:
    """Return a random day in each row's month (a position in `MONTHS`)."""
    months = MONTHS[month]
    return months.to_timestamp() + pd.to_timedelta(rng.integers(0, months.days_in_month), unit="D")


def numbered(rows: pd.DataFrame, table: str, day: str) -> pd.DataFrame:
    """Return the rows by day, with identifiers such as SIM-CASE-2017-001 that say what they are."""
    rows = rows.sort_values(day, kind="stable", ignore_index=True)
    year = rows[day].dt.year
    number = rows.groupby(year).cumcount() + 1
    key = key_of(table)
    prefix = f"SIM-{key.removesuffix('_id').upper()}"
    return rows.assign(**{key: [f"{prefix}-{y}-{n:03d}" for y, n in zip(year, number, strict=True)]})


def typed(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return the rows in the columns and types of a table of `geo.schema.TABLES`."""
    columns = TABLES[table].columns
    dtypes = {name: str(column.dtype) for name, column in columns.items()}
    text_as_read = {name: "str" if dtype.startswith("string") else dtype for name, dtype in dtypes.items()}
    return TABLES[table].validate(rows.reindex(columns=list(columns)).astype(text_as_read))
