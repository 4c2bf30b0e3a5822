"""The files of a run: rankings, raster, GeoPackage, map, manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Message
from geo.grid import Grid
from geo.raster import write_cog
from geo.seal import sealed
from maps.qgis import write_gpkg
from maps.release import MANIFEST
from maps.tables import write_csv, write_xlsx
from maps.text import translate
from maps.web import MapContent, render_map

FILES = ("ranking_outreach.csv", "ranking_outreach.xlsx", "ranking_patrol.csv", "ranking_patrol.xlsx", "risk.tif",
         "hotspots.gpkg", "map.html", MANIFEST)  # fmt: skip
"""What a run writes."""

OUTREACH_HEADINGS = {
    "rank": "Hạng\nRank",
    "commune_code": "Mã xã\nCode",
    "name": "Xã, phường\nCommune",
    "district": "Huyện (cũ)\nDistrict",
    "expected": "Số vụ dự kiến/năm\nExpected a year",
    "lower": "Cận dưới 90%\nLower 90%",
    "upper": "Cận trên 90%\nUpper 90%",
    "rate": "Tỷ suất/10.000 dân/năm\nRate per 10,000 a year",
    "p_top10": "Xác suất thuộc 10% đầu\nP(in the top 10%)",
    "detection": "Tỷ lệ vụ được phát hiện\nShare noticed",
    "own_weight": "Trọng số số liệu tại chỗ\nWeight of own data",
    "weak_data": "Số liệu yếu\nWeak data",
    "band_lower": "Dải theo giả định: dưới\nBand of assumptions, lower",
    "band_upper": "Dải theo giả định: trên\nBand of assumptions, upper",
    "cases": "Số vụ\nCases",
    "victims": "Nạn nhân\nVictims",
    "absences": "Vắng mặt nghi vấn\nSuspected absences",
    "sessions": "Buổi truyền thông\nOutreach sessions",
    "services": "Mô hình, hòm thư\nServices",
    "population": "Dân số\nPopulation",
    "recorded_rate": "Tỷ suất ghi nhận/10.000 dân/năm\nRecorded rate per 10,000 a year",
    "sessions_per_1000": "Buổi/1.000 dân\nSessions per 1,000",
    "reason_vi": "Lý do",
    "reason_en": "Reasons",
    "data_kind": "Loại số liệu\nData",
}
PATROL_HEADINGS = {
    "rank": "Hạng\nRank",
    "sector_id": "Đoạn biên giới\nSector",
    "neighbour": "Giáp\nNeighbour",
    "length_km": "Dài (km)\nLength (km)",
    "commune_code": "Mã xã\nCode",
    "commune": "Xã\nCommune",
    "score": "Tỷ trọng nguy cơ\nShare of risk",
    "nearby_risk": "Nguy cơ lân cận (vụ/năm/km²)\nNearby risk",
    "crossing_density": "Mật độ lối qua lại (/km²)\nCrossing density",
    "crossing_factor": "Hệ số lối qua lại\nCrossing factor",
    "feeders": "Nguồn\nFrom",
    "patrol_hours": "Giờ tuần tra 12 tháng\nPatrol hours, 12 months",
    "reason_vi": "Lý do",
    "reason_en": "Reasons",
    "data_kind": "Loại số liệu\nData",
}
SIMULATED_NOTE = "DỮ LIỆU MÔ PHỎNG, không phải vụ việc có thật / SIMULATED DATA, nothing in it happened"


@dataclass(frozen=True)
class RunContent:
    """What a run found, ready to be written.

    Attributes
    ----------
    communes, sectors, crossings
        Layers in EPSG:4326.
    outreach, patrol
        Rankings with a column ``reasons`` (tuples of Messages).
    surface, grid
        Recorded events per 10,000 persons and year, NaN outside the province.
    period
        First and last day, ISO.
    made_on
        Day of the newest record: outputs bear it, so that the same inputs give the same bytes.
    simulated, effort_known
        Whether the records are simulated, and whether outreach was recorded at all.
    vintage, title, lang
        Unit system of the communes, title and first language of the map.
    """

    communes: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    outreach: pd.DataFrame
    patrol: pd.DataFrame
    surface: NDArray[np.float64]
    grid: Grid
    period: tuple[str, str]
    made_on: str
    simulated: bool
    effort_known: bool
    vintage: str
    title: str
    lang: str

    @property
    def data_kind(self) -> str:
        """``"simulated"`` or ``"recorded"``."""
        return "simulated" if self.simulated else "recorded"


def simulated_note(rows: pd.DataFrame) -> str:
    """Return the note for what is made of rows: that they are simulated, if any of them says so, or nothing."""
    simulated = "data_kind" in rows and bool((rows["data_kind"] == "simulated").any())
    return SIMULATED_NOTE if simulated else ""


def write_outputs(folder: Path, content: RunContent) -> None:
    """Write every file of a run but the manifest into ``folder`` (a draft of `maps.release.released`)."""
    outreach, patrol = worded(content.outreach, content.data_kind), worded(content.patrol, content.data_kind)
    note = SIMULATED_NOTE if content.simulated else ""
    for name, table, headings in (
        ("outreach", outreach, OUTREACH_HEADINGS),
        ("patrol", patrol, PATROL_HEADINGS),
    ):
        write_csv(folder / f"ranking_{name}.csv", table)
        write_xlsx(folder / f"ranking_{name}.xlsx", table, title=name, headings=headings, note=note)
    describe = (
        f"Điểm nóng; {content.period[0]} – {content.period[1]}; vintage {content.vintage}; {content.data_kind} data"
    )
    write_cog(
        folder / "risk.tif",
        content.surface,
        content.grid,
        description=f"recorded cases and suspected absences per 10,000 persons and year, {content.data_kind} data",
        unit="recorded events per 10,000 persons and year",
        tags={"data_kind": content.data_kind, "period": "/".join(content.period), "note": note},
    )
    ranked_communes = content.communes[["commune_code", "vintage", "geometry_quality", "geometry"]].merge(
        outreach, on="commune_code", how="left"
    )
    ranked_sectors = content.sectors[["sector_id", "geometry_quality", "geometry"]].merge(
        patrol, on="sector_id", how="left"
    )
    write_gpkg(
        folder / "hotspots.gpkg",
        {
            "communes": ranked_communes,
            "border_sectors": ranked_sectors,
            "crossings": content.crossings.assign(data_kind=content.data_kind),
        },
        surface=(content.surface, content.grid),
        stamp=f"{content.made_on}T00:00:00Z",
        note=describe,
    )
    html = render_map(
        MapContent(
            communes=ranked_communes,
            sectors=ranked_sectors,
            crossings=content.crossings,
            surface=(content.surface, content.grid),
            period=content.period,
            made_on=content.made_on,
            simulated=content.simulated,
            effort_known=content.effort_known,
            vintage=content.vintage,
            title=content.title,
        ),
        content.lang,
    )
    (folder / "map.html").write_text(html, encoding="utf-8")


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``run.json``, the last file of a folder: it holds the hashes of all."""
    (folder / MANIFEST).write_text(sealed(manifest, folder, MANIFEST), encoding="utf-8")


def worded(ranking: pd.DataFrame, data_kind: str) -> pd.DataFrame:
    """Return a ranking with its reasons in words, in both languages, and the kind of data in every row."""
    words = {f"reason_{lang}": [say(reasons, lang) for reasons in ranking["reasons"]] for lang in ("vi", "en")}
    return ranking.drop(columns="reasons").assign(**words, data_kind=data_kind)


def say(reasons: tuple[Message, ...], lang: str) -> str:
    """Return reasons as one text."""
    return "; ".join(translate(reason, lang) for reason in reasons)
