"""Where: how near the places of two rows are, told as commune, as district only, or as a point."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import metric_crs
from geo.errors import Message
from geo.intake.evidence import Comparison, Ints, Level
from geo.names import fold
from geo.places import NEAR_M, Gazetteer

NEAR_POINTS_KM = 2.0
"""Points so near are one place, whichever commune each lies in. They add nothing to being of one commune: many a
file gives the point of the commune's office."""

SAME_COMMUNE = Level(Message("same commune"), same=0.75, chance=0.03)
NEXT_COMMUNE = Level(Message("neighbouring communes"), same=0.15, chance=0.1)
SAME_DISTRICT = Level(Message("same district, one commune is not known"), same=0.9, chance=0.1)
OTHER_PLACE = Level(Message("different places"), same=0.1)
"""m: one office names the home of the victim, another the place of the rescue, often the next commune."""

_EARTH_KM = 6371.0


def _no_pairs(first: str, second: str) -> pd.DataFrame:
    return pd.DataFrame({first: pd.Series(dtype="str"), second: pd.Series(dtype="str")})


@dataclass(frozen=True)
class Surroundings:
    """Neighbours and districts of the units of one vintage; both may be empty.

    Attributes
    ----------
    neighbours
        ``unit_a``, ``unit_b``: pairs of different units that touch, each in both orders.
    districts
        ``unit_code``, ``district`` (folded name): a unit of 2025 may lie in several of the former districts.
    """

    neighbours: pd.DataFrame = field(default_factory=lambda: _no_pairs("unit_a", "unit_b"))
    districts: pd.DataFrame = field(default_factory=lambda: _no_pairs("unit_code", "district"))

    @classmethod
    def of(cls, gazetteer: Gazetteer) -> "Surroundings":
        """Read them from the polygons, and from the facts of every vintage that had districts.

        Polygons closer than `geo.places.NEAR_M` touch: approximate ones leave gaps.
        """
        units = gazetteer.communes.to_crs(metric_crs(gazetteer.crs))
        reach = NEAR_M[str(units["geometry_quality"].iloc[0])]
        one, other = units.sindex.query(units.geometry, predicate="dwithin", distance=reach)
        codes = units["commune_code"].to_numpy()
        neighbours = pd.DataFrame({"unit_a": codes[one], "unit_b": codes[other]})[one != other]
        return cls(neighbours.reset_index(drop=True), _districts(gazetteer))


def _districts(gazetteer: Gazetteer) -> pd.DataFrame:
    """Carry the districts of former units to the units that these lie in."""
    carried = gazetteer.crosswalk.set_index("old_code")["new_code"]
    parts = [_no_pairs("unit_code", "district")]
    for vintage, table in gazetteer.facts.items():
        known = table.dropna(subset="district")
        unit = known["commune_code"] if vintage == gazetteer.vintage else known["commune_code"].map(carried)
        parts.append(pd.DataFrame({"unit_code": unit, "district": known["district"].map(fold)}).dropna())
    return pd.concat(parts).drop_duplicates(ignore_index=True)


class Places(Comparison):
    """The places of n rows, ready to weigh pairs of them; districts are values beside the communes.

    Parameters
    ----------
    rows
        Records, with or without ``lon``, ``lat`` and ``district``.
    units
        Their communes, missing where a row has none; such a row is of its district.
    surroundings
        What lies beside and around the communes.
    """

    def __init__(self, rows: pd.DataFrame, units: pd.Series, surroundings: Surroundings) -> None:
        rows = rows.reindex(columns=["lon", "lat", "district"])
        unit, communes = pd.factorize(pd.Index(units), sort=True)
        names = {name: fold(name) for name in rows["district"].dropna().unique()}
        district, districts = pd.factorize(pd.Index(rows["district"].map(names).where(unit < 0)), sort=True)
        size = len(communes) + len(districts)
        codes = np.where(unit >= 0, unit, np.where(district >= 0, len(communes) + district, -1)).astype(np.int64)

        def pairs(table: pd.DataFrame, others: pd.Index, first: int) -> Ints:
            """Return a table's pairs of units and others as pairs of values, in this order and the other."""
            unit, other = (index.get_indexer(table.iloc[:, k]) for k, index in enumerate((communes, others)))
            known = (unit >= 0) & (other >= 0)
            one, two = unit[known], other[known] + first
            return np.unique(np.concatenate([one * size + two, two * size + one]))

        itself = np.arange(size, dtype=np.int64) * (size + 1)
        beside = pairs(surroundings.neighbours, communes, 0)
        around = pairs(surroundings.districts, districts, len(communes))
        relations = [
            (SAME_COMMUNE, itself[: len(communes)]),
            (NEXT_COMMUNE, beside),
            (SAME_DISTRICT, np.union1d(around, itself[len(communes) :])),
        ]
        super().__init__(codes, size, relations, OTHER_PLACE)
        self._sphere = _on_sphere(rows["lon"], rows["lat"])

    def levels(self, a: Ints, b: Ints) -> Ints:
        """Return the level of each pair; near points are of one commune."""
        level = super().levels(a, b)
        away = np.linalg.norm(self._sphere[a] - self._sphere[b], axis=1)
        return np.where((level >= 0) & (away <= NEAR_POINTS_KM / _EARTH_KM), 0, level)


def _on_sphere(lon: pd.Series, lat: pd.Series) -> NDArray[np.float64]:
    """Return points on the unit sphere, NaN where there are none: at few kilometres a chord is as long as its arc."""
    east, north = np.radians(lon.to_numpy(dtype=float)), np.radians(lat.to_numpy(dtype=float))
    return np.column_stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)])
