"""Checks of a commune layer: validity, overlaps, gaps, areas; and the repairs that a user may allow."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import metric_crs
from geo.errors import Message

REPAIRS = ("validity", "overlaps", "gaps")
SLIVER_KM2 = 1e-6
"""Overlaps and gaps of up to one square metre are rounding, not findings."""
AREA_TOLERANCE = 0.01
"""The share by which a layer's total area may differ from the official one."""


@dataclass(frozen=True)
class Finding:
    """One thing that a check found or a repair changed.

    Attributes
    ----------
    check
        Name of the check, for example ``"overlaps"``.
    level
        ``"error"`` (the layer cannot be used), ``"warning"``, ``"repair"`` (what was changed) or ``"info"``.
    message
        What was found and what was expected.
    """

    check: str
    level: str
    message: Message

    def as_message(self) -> Message:
        """Return the finding with its level, as it is shown."""
        return Message("{level}: {message}", {"level": Message(self.level), "message": self.message})


def check_polygons(communes: gpd.GeoDataFrame, crs: str, official_km2: float | None = None) -> list[Finding]:
    """Check the polygons of a commune layer; areas are measured in the metric ``crs``.

    Parameters
    ----------
    communes
        Polygons with ``commune_code``, any CRS.
    crs
        The workspace's metric CRS.
    official_km2
        The official total area, if known.
    """
    shapes = communes.to_crs(metric_crs(crs)).set_index("commune_code").geometry
    findings = [*_check_validity(shapes)]
    if not findings:
        findings += [*_check_overlaps(shapes), *_check_gaps(shapes)]
    return findings + _check_area(shapes, official_km2)


def repair_polygons(
    communes: gpd.GeoDataFrame, crs: str, allowed: Collection[str]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Repair what is allowed (names of `REPAIRS`) and report the area each repair moved.

    Overlaps go to the neighbour with the longer shared edge and gaps up to 1 km wide are filled by GEOS's
    coverage cleaner, which works on the layer as a whole.
    """
    shapes = communes.to_crs(metric_crs(crs)).geometry
    repaired, findings = shapes, []
    if "validity" in allowed and not shapes.is_valid.all():
        repaired = repaired.make_valid().map(_polygons_only)
        findings.append(_change(["validity"], communes["commune_code"], shapes, repaired))
    cleaning = [name for name in ("overlaps", "gaps") if name in allowed]
    if cleaning and repaired.is_valid.all():
        width = 1000.0 if "gaps" in allowed else 0.0
        cleaned = shapely.coverage_clean(repaired.to_numpy(), gap_width=width)
        before, repaired = repaired, gpd.GeoSeries(cleaned, index=shapes.index, crs=shapes.crs)
        if not before.geom_equals(repaired).all():
            findings.append(_change(cleaning, communes["commune_code"], before, repaired))
    return (communes.set_geometry(repaired.to_crs(communes.crs)) if findings else communes), findings


def _check_validity(shapes: gpd.GeoSeries) -> list[Finding]:
    bad = shapes[~shapes.is_valid | shapes.is_empty | shapes.isna()]
    if bad.empty:
        return []
    return [
        Finding(
            "validity",
            "error",
            Message(
                "{n} polygons are empty or not valid: {codes}; allow --repair validity or mend the file",
                {"n": len(bad), "codes": _some(bad.index)},
            ),
        )
    ]


def _check_overlaps(shapes: gpd.GeoSeries) -> list[Finding]:
    left, right = shapes.sindex.query(shapes, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    values = shapes.to_numpy()
    area = shapely.area(shapely.intersection(values[left], values[right])) / 1e6
    real = area > SLIVER_KM2
    if not real.any():
        return []
    worst = np.argmax(area)
    values_of = {
        "n": int(real.sum()),
        "km2": round(float(area[real].sum()), 6),
        "pair": f"{shapes.index[left[worst]]} / {shapes.index[right[worst]]}",
        "worst": round(float(area[worst]), 6),
    }
    return [
        Finding(
            "overlaps",
            "warning",
            Message(
                "{n} pairs of communes overlap by {km2} km² in all; the largest is {worst} km² ({pair})", values_of
            ),
        )
    ]


def _check_gaps(shapes: gpd.GeoSeries) -> list[Finding]:
    holes = _holes(shapely.union_all(shapes.to_numpy()))
    area = shapely.area(holes) / 1e6
    real = area > SLIVER_KM2
    if not real.any():
        return []
    values_of = {"n": int(real.sum()), "km2": round(float(area[real].sum()), 6), "worst": round(float(area.max()), 6)}
    return [
        Finding(
            "gaps",
            "warning",
            Message("{n} gaps between communes cover {km2} km² in all; the largest is {worst} km²", values_of),
        )
    ]


def _holes(union: shapely.Geometry) -> np.ndarray:
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    return shapely.polygons(rings) if rings else np.empty(0, dtype=object)


def _check_area(shapes: gpd.GeoSeries, official_km2: float | None) -> list[Finding]:
    if not official_km2:
        return []
    total = shapes.area.sum() / 1e6
    off = total / official_km2 - 1
    values_of = {"km2": round(total, 1), "official": round(official_km2, 1), "off": round(100 * off, 2)}
    if abs(off) > AREA_TOLERANCE:
        return [
            Finding(
                "area",
                "error",
                Message(
                    "The communes cover {km2} km²; the official area is {official} km² ({off} %); is a part missing?",
                    values_of,
                ),
            )
        ]
    return [
        Finding(
            "area",
            "info",
            Message("The communes cover {km2} km²; the official area is {official} km² ({off} %)", values_of),
        )
    ]


def _change(checks: Sequence[str], codes: gpd.GeoSeries, before: gpd.GeoSeries, after: gpd.GeoSeries) -> Finding:
    moved = before.make_valid().symmetric_difference(after).area / 1e6
    changed = moved > SLIVER_KM2
    names = [Message(name) for name in checks]
    values_of = {
        "check": reduce(lambda one, other: Message("{one} and {other}", {"one": one, "other": other}), names),
        "n": int(changed.sum()),
        "km2": round(float(moved.sum()), 6),
        "codes": _some(codes[changed]),
    }
    said = Message("Repaired {check}: {n} polygons changed by {km2} km² in all ({codes})", values_of)
    unmoved = Message("Repaired {check}: no polygon covers another area than before", values_of)
    return Finding(" + ".join(checks), "repair", said if changed.any() else unmoved)


def _polygons_only(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _some(codes: Iterable[object], most: int = 8) -> str:
    listed = [str(code) for code in codes]
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "")
