"""The files of a run: rankings, raster, GeoPackage, map, manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import STORED
from geo.errors import Message
from geo.grid import Grid
from geo.raster import write_cog
from geo.seal import sealed
from geo.season import Season
from maps.earlier import EarlierRun
from maps.layer_styles import LayerStyle, run_styles
from maps.parquet import write_parquet
from maps.qgis import write_gpkg
from maps.qgis_project import ProjectLayer, write_project
from maps.release import MANIFEST, Level
from maps.report import FILES as REPORT_FILES
from maps.report import write_report
from maps.report_content import Account, ReportContent
from maps.stamp import VALID_DAYS, dated_stamp
from maps.tables import write_csv, write_xlsx
from maps.text import translate
from maps.web import MapContent, render_map

FILES = ("ranking_outreach.csv", "ranking_outreach.xlsx", "ranking_patrol.csv", "ranking_patrol.xlsx", "risk.tif",
         "risk.qml", "hotspots.gpkg", "hotspots.qml", "hotspots.qgs", "map.html", "map_a3.pdf", "map_a3.png",
         "atlas.pdf", *REPORT_FILES, MANIFEST)  # fmt: skip
"""What a run writes."""

LAYERS = ("communes", "border_sectors", "crossings")

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
    "flips": "Đổi chỗ trong 10% đầu khi báo cáo ±50%\nPlace in the top 10% flips if reporting differs by 50%",
    "unstable": "Thứ hạng chưa chắc\nPlace unsure",
    "rank_model": "Hạng theo mô hình\nRank by the model",
    "override_reason": "Lý do điều chỉnh\nReason of the override",
    "override_by": "Đơn vị điều chỉnh\nMoved by",
    "override_until": "Điều chỉnh đến ngày\nMoved until",
    "band_lower": "Dải theo giả định: dưới\nBand of assumptions, lower",
    "band_upper": "Dải theo giả định: trên\nBand of assumptions, upper",
    "cases": "Số vụ\nCases",
    "cases_reported": "Trong đó: được báo\nOf these reported",
    "cases_by_patrol": "Trong đó: tuần tra phát hiện\nOf these found by patrols",
    "cases_by_outreach": "Trong đó: qua hòm thư tố giác\nOf these by mailboxes of outreach",
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
    "score": "Tỷ trọng dòng qua biên giới\nShare of the flow",
    "expected": "Số vụ qua đoạn dự kiến/năm\nExpected a year",
    "lower": "Cận dưới 90%\nLower 90%",
    "upper": "Cận trên 90%\nUpper 90%",
    "p_top10": "Xác suất thuộc 10% đầu\nP(in the top 10%)",
    "crossings": "Số lối qua lại\nCrossings",
    "crossing_factor": "Hệ số lối qua lại\nCrossing factor",
    "feeders": "Đến từ\nFrom",
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
        Whether the records are simulated, and whether the model corrects for outreach.
    vintage, title, lang
        Unit system of the communes, title, first language of the map and language of the report.
    account
        What the run says of itself.
    season
        Events by commune and month of the year, or None where they are not wanted.
    earlier
        The run that this one is compared with, or None.
    parquet
        Whether the layers are also written as GeoParquet.
    atlas_pages
        How many communes have a page in the atlas, the first by rank; None for all.
    valid_days
        How long after ``made_on`` the maps hold.
    model_id
        The model in use, or None for the default one.
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
    account: Account
    season: Season | None = None
    earlier: EarlierRun | None = None
    parquet: bool = False
    atlas_pages: int | None = None
    valid_days: int = VALID_DAYS
    model_id: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """What is written."""
        return FILES + tuple(f"{name}.parquet" for name in LAYERS) if self.parquet else FILES

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
    shown = map_content(content)
    describe = (
        f"Điểm nóng; {content.period[0]} – {content.period[1]}; vintage {content.vintage}; {content.data_kind} data. "
        f"{shown.full_title(content.lang)}. {shown.stamp(content.lang)}"
    )
    write_cog(
        folder / "risk.tif",
        content.surface,
        content.grid,
        description=f"recorded cases and suspected absences per 10,000 persons and year, {content.data_kind} data",
        unit="recorded events per 10,000 persons and year",
        tags={
            "data_kind": content.data_kind,
            "period": "/".join(content.period),
            "note": note,
            "made_on": content.made_on,
            "valid_until": shown.valid_until,
            "model": content.model_id or "default",
            "release_level": shown.level,
        },
    )
    styles = run_styles(
        shown.communes,
        shown.sectors,
        content.crossings,
        content.surface,
        headings={"communes": OUTREACH_HEADINGS, "border_sectors": PATROL_HEADINGS},
        effort_known=content.effort_known,
        lang=content.lang,
    )
    crossings = content.crossings.assign(data_kind=content.data_kind)
    layers = dict(zip(LAYERS, (shown.communes, shown.sectors, crossings), strict=True))
    write_gpkg(
        folder / "hotspots.gpkg",
        layers,
        surface=(content.surface, content.grid),
        styles=styles,
        stamp=f"{content.made_on}T00:00:00Z",
        note=describe,
    )
    _write_project(folder / "hotspots.qgs", content, shown, styles)
    # QGIS takes the style of a raster from a file of its name only, also for one within a GeoPackage.
    for style_file in ("risk.qml", "hotspots.qml"):
        (folder / style_file).write_text(styles["risk"].qml, encoding="utf-8")
    if content.parquet:
        write_parquet(folder, layers)
    (folder / "map.html").write_text(render_map(shown, content.lang), encoding="utf-8")
    write_paper(folder, shown, content.grid.crs, lang=content.lang, pages=content.atlas_pages)
    write_report(folder, _report(content, shown))


def write_paper(
    folder: Path, shown: MapContent, crs: str, *, lang: str, paper: str = "a3", pages: int | None = None
) -> list[str]:
    """Write the map on paper, and the atlas of so many pages at most; return the names of the files.

    A picture is made of A3 only: that of A0 would have 140 million pixels.
    """
    from maps.atlas import write_atlas  # matplotlib: half a second that only these files need
    from maps.print import write_print

    prints = write_print(folder, shown, crs, paper=paper, lang=lang)
    return [*prints, write_atlas(folder, shown, crs, lang=lang, pages=pages)]


def map_content(content: RunContent) -> MapContent:
    """Return what the maps of a run show: its layers with their rankings in words."""
    outreach, patrol = worded(content.outreach, content.data_kind), worded(content.patrol, content.data_kind)
    communes = content.communes[["commune_code", "vintage", "geometry_quality", "geometry"]]
    sectors = content.sectors[["sector_id", "geometry_quality", "geometry"]]
    return MapContent(
        communes=communes.merge(outreach, on="commune_code", how="left"),
        sectors=sectors.merge(patrol, on="sector_id", how="left"),
        crossings=content.crossings,
        surface=(content.surface, content.grid),
        period=content.period,
        made_on=content.made_on,
        simulated=content.simulated,
        effort_known=content.effort_known,
        vintage=content.vintage,
        title=content.title,
        season=content.season,
        earlier=content.earlier,
        valid_days=content.valid_days,
        model_id=content.model_id,
    )


def _report(content: RunContent, shown: MapContent) -> ReportContent:
    return ReportContent(
        outreach=content.outreach,
        patrol=content.patrol,
        account=content.account,
        title=content.title,
        period=content.period,
        made_on=content.made_on,
        simulated=content.simulated,
        effort_known=content.effort_known,
        lang=content.lang,
        stamp=shown.stamp(content.lang),
    )


def _write_project(path: Path, content: RunContent, shown: MapContent, styles: Mapping[str, LayerStyle]) -> None:
    """Write the QGIS project of a run: crossings, sectors and communes over the surface, which is hidden at first."""
    west, east, south, north = content.grid.region
    write_project(
        path,
        [
            *(
                ProjectLayer(name, "vector", f"./hotspots.gpkg|layername={name}", STORED, styles[name])
                for name in reversed(LAYERS)
            ),
            ProjectLayer("risk", "raster", "./risk.tif", content.grid.crs, styles["risk"], shown=False),
        ],
        title=project_title(shown, content.lang),
        crs=content.grid.crs,
        extent=(west, south, east, north),
    )


def project_title(shown: MapContent, lang: str) -> str:
    """Return the title of the QGIS project: what the map is, and what every map bears."""
    note = [SIMULATED_NOTE] if shown.simulated else []
    stamp = dated_stamp(shown.made_on, shown.valid_until, shown.model_id, shown.level, lang)
    return ". ".join([shown.full_title(lang), *note, stamp])


def write_manifest(folder: Path, manifest: Mapping[str, Any], level: Level) -> None:
    """Write ``run.json``, the last file of a folder: it says who may have it, and holds the hashes of all files."""
    told = {"program": "diemnong", "release_level": level.value, **manifest}
    (folder / MANIFEST).write_text(sealed(told, folder, MANIFEST), encoding="utf-8")


def worded(ranking: pd.DataFrame, data_kind: str) -> pd.DataFrame:
    """Return a ranking with its reasons in words, in both languages, and the kind of data in every row."""
    words = {f"reason_{lang}": [say(reasons, lang) for reasons in ranking["reasons"]] for lang in ("vi", "en")}
    return ranking.drop(columns="reasons").assign(**words, data_kind=data_kind)


def say(reasons: tuple[Message, ...], lang: str) -> str:
    """Return reasons as one text."""
    return "; ".join(translate(reason, lang) for reason in reasons)
