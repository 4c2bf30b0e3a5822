"""The made-up province of the map tests, with names that can stand on paper."""

import dataclasses

import numpy as np

from tests.maps.map_content import content

CRS = "EPSG:9205"
NAMES = ["Xã Mường Nhé", "Xã Nà Hỳ", "Xã Sín Thầu", "Phường Điện Biên Phủ", "Xã Quảng Lâm", "Xã Nậm Kè"]


def paper_content(names=NAMES, **changes):
    """Return the content of a map whose reasons do not repeat the names."""
    made = content(names, **({"title": "Tỉnh Mẫu"} | changes))
    made.communes["reason_vi"], made.communes["reason_en"] = "lý do", "reason"
    return made


def doubted(made):
    """Return the content with a first commune that a planner moved, and a second whose place is unsure."""
    communes = made.communes.assign(
        rank_model=range(3, 9), override_reason=["new road", *[None] * 5], override_by=["police", *[None] * 5],
        override_until=["2026-06-30", *[None] * 5], flips=0.34, unstable=[False, True, *[False] * 4],
    )  # fmt: skip
    return dataclasses.replace(made, communes=communes)


def with_corners(made, n=100_000):
    """Return the content with a first commune whose outline has some ``n`` corners."""
    shape = made.communes.geometry.iloc[0]
    west, south, east, north = shape.bounds
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    reach = 0.45 * (1 + 0.05 * np.sin(3000 * angle))
    x = (west + east) / 2 + (east - west) * reach * np.cos(angle)
    y = (south + north) / 2 + (north - south) * reach * np.sin(angle)
    communes = made.communes.copy()
    communes.geometry = [type(shape)(np.c_[x, y]), *communes.geometry.iloc[1:]]
    return communes
