"""The files of a plan: tables for Excel and for programs, in both languages."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from maps.layer_styles import LayerStyle
from maps.outputs import SIMULATED_NOTE, worded
from maps.qgis import write_gpkg
from maps.tables import write_csv, write_xlsx

HEADINGS = {
    "commune_code": "Mã xã\nCode",
    "name": "Xã, phường\nCommune",
    "month": "Tháng\nMonth",
    "agency": "Cơ quan\nAgency",
    "sessions": "Số buổi\nSessions",
    "floor": "Trong đó: mức tối thiểu\nOf these: the floor",
    "explored": "Trong đó: thăm dò\nOf these: exploration",
    "people": "Người có nguy cơ\nPeople at risk",
    "expected": "Số vụ dự kiến/năm\nExpected a year",
    "gain": "Số vụ ngăn được\nEvents prevented",
    "gain_lower": "Ngăn được, cận dưới 90%\nPrevented, lower 90%",
    "gain_upper": "Ngăn được, cận trên 90%\nPrevented, upper 90%",
    "next_gain": "Buổi tiếp theo ngăn được\nOne more would prevent",
    "reached": "Tỷ lệ đạt được\nShare reached",
    "sites": "Mã các điểm\nCodes of the sites",
    "site_names": "Các điểm\nSites",
    "travel": "Đường đi trung bình (giờ)\nMean way (hours)",
    "risk": "Nguy cơ trong tầm (vụ/năm)\nRisk within reach (events a year)",
    "risk_lower": "Nguy cơ, cận dưới 90%\nRisk, lower 90%",
    "risk_upper": "Nguy cơ, cận trên 90%\nRisk, upper 90%",
    "people_share": "Tỷ lệ người trong tầm\nShare of people",
    "risk_share": "Tỷ lệ nguy cơ trong tầm\nShare of risk",
    "best_in": "Tốt nhất về\nBest in",
    "near_best_in": "Gần tốt nhất về (trong 1%)\nNear best in (1%)",
    "goal": "Mục tiêu\nGoal",
    "rank": "Hạng\nRank",
    "value": "Giá trị\nValue",
    "gap": "Kém hơn (tỷ lệ)\nWorse by (share)",
    "pilot": "Xã thí điểm\nPilot",
    "pilot_name": "Tên xã thí điểm\nPilot commune",
    "comparison": "Xã đối chứng\nComparison",
    "comparison_name": "Tên xã đối chứng\nComparison commune",
    "distance": "Khác biệt (độ lệch chuẩn)\nUnlikeness (standard deviations)",
    "most_unlike": "Khác nhất ở\nMost unlike in",
    "order": "Thứ tự\nOrder",
    "absence_id": "Mã vắng mặt\nAbsence",
    "age_band": "Nhóm tuổi\nAge",
    "sex": "Giới tính\nSex",
    "days_absent": "Số ngày vắng\nDays absent",
    "distance_km": "Cách biên giới (km)\nTo the border (km)",
    "place_known": "Biết nơi theo\nPlace known by",
    "ratio": "Tỷ số vụ việc\nRatio of events",
    "lower": "Cận dưới 90%\nLower 90%",
    "upper": "Cận trên 90%\nUpper 90%",
    "p_value": "Giá trị p\np-value",
    "dispersion": "Độ phân tán\nDispersion",
    "power": "Lực kiểm định\nPower",
    "detectable_fall": "Mức giảm nhỏ nhất thấy được\nLeast fall that can be shown",
    "verdict": "Kết luận\nVerdict",
    "step": "Đợt\nStep",
    "start": "Bắt đầu\nStart",
    "periods_without": "Số kỳ chưa có\nPeriods without",
    "events_without": "Số vụ khi chưa có\nEvents without",
    "periods_with": "Số kỳ đã có\nPeriods with",
    "events_with": "Số vụ khi đã có\nEvents with",
    "test": "Phép thử\nTest",
    "what": "Nội dung\nWhat",
    "day": "Ngày thứ\nDay",
    "date": "Ngày\nDate",
    "post_id": "Đồn\nPost",
    "post_name": "Tên đồn\nName of the post",
    "team": "Tổ\nTeam",
    "teams": "Số tổ\nTeams",
    "sectors": "Các đoạn, theo thứ tự\nSectors in order",
    "sector_id": "Đoạn biên giới\nSector",
    "neighbour": "Giáp\nNeighbour",
    "arrive_hours": "Đến từng đoạn sau khi rời đồn (giờ)\nReaches each sector (hours after leaving)",
    "back_hours": "Về đồn sau khi rời đồn (giờ)\nIs back (hours after leaving)",
    "travel_hours": "Giờ đi đường\nHours on the way",
    "watch_hours": "Giờ canh gác mỗi đoạn\nHours on watch at each sector",
    "crossings_year": "Số vụ qua đoạn dự kiến/năm\nCrossings expected a year",
    "pinned": "Bắt buộc hằng tuần\nPinned",
    "visits_per_week": "Số lượt/tuần\nVisits a week",
    "hours_per_week": "Giờ/tuần\nHours a week",
    "daily_visit": "Xác suất có mặt trong ngày\nChance of a visit in a day",
    "weekly_visit": "Xác suất có mặt trong tuần\nChance of a visit in a week",
    "detected_share": "Tỷ lệ phát hiện\nShare detected",
    "visits": "Số lượt trong lịch\nVisits of the schedule",
    "hours": "Số giờ trong lịch\nHours of the schedule",
    "visits_done": "Số lượt đã ghi nhận\nVisits recorded",
    "hours_done": "Số giờ đã ghi nhận\nHours recorded",
    "sessions_done": "Số buổi đã ghi nhận\nSessions recorded",
    "uses": "Số lần đi\nTimes walked",
    "reason_vi": "Lý do",
    "reason_en": "Reasons",
    "data_kind": "Loại số liệu\nData",
}


COMMAND_PREFIX = "command_level_"


def command_named(file: Path) -> Path:
    """Return a file's path with the prefix of what may not leave the command.

    >>> command_named(Path("out/r.tif")).name, command_named(Path("command_level_r.tif")).name
    ('command_level_r.tif', 'command_level_r.tif')
    """
    return file if file.name.startswith(COMMAND_PREFIX) else file.with_name(COMMAND_PREFIX + file.name)


COMMAND_NOTE = "CẤP CHỈ HUY: không đưa ra ngoài cơ quan chỉ huy / COMMAND LEVEL: not to leave the command"


class Sheet(NamedTuple):
    """A table of a plan, and the name of its files."""

    name: str
    table: pd.DataFrame
    """A column ``reasons`` (tuples of Message) is written in words."""


class PlanMap(NamedTuple):
    """Layers of a plan for QGIS, the name of their file, and the time that it bears (ISO 8601, UTC)."""

    name: str
    places: gpd.GeoDataFrame
    """The layer of the file's name; a column ``reasons`` (tuples of Message) is written in words."""
    stamp: str
    others: Mapping[str, gpd.GeoDataFrame] = MappingProxyType({})
    """More layers, by name."""
    styles: Mapping[str, LayerStyle] = MappingProxyType({})
    """What they look like, by name."""
    bears: str = ""
    """Day, expiry, model and level in words (`maps.stamp.dated_stamp`)."""


def write_plan(
    folder: Path,
    sheets: list[Sheet],
    plan_map: PlanMap | None = None,
    *,
    simulated: bool,
    command_level: bool = False,
) -> tuple[str, ...]:
    """Write each table as CSV and XLSX, and the map, into a draft of `maps.release.released`; return the files' names.

    Parameters
    ----------
    folder
        The draft.
    sheets, plan_map
        The tables, and the map where there is one.
    simulated
        Whether the records are; every file and row then says so.
    command_level
        Whether the tables must not leave the command: names and first lines say so, and the folder is its owner's.
    """
    kind, note = ("simulated", SIMULATED_NOTE) if simulated else ("recorded", "")
    if command_level:
        note = f"{COMMAND_NOTE}. {note}" if note else COMMAND_NOTE
        folder.chmod(0o700)
    prefix = COMMAND_PREFIX if command_level else ""
    files: list[str] = []
    for plain, table in sheets:
        told = _told(table, kind)
        name = f"{prefix}{plain}"
        write_csv(folder / f"{name}.csv", told, note if command_level else "")
        write_xlsx(folder / f"{name}.xlsx", told, title=name, headings=HEADINGS, note=note)
        files += [f"{name}.csv", f"{name}.xlsx"]
    if plan_map is not None:
        file = f"{prefix}{plan_map.name}.gpkg"
        layers = {
            name: _told(layer, kind) for name, layer in {plan_map.name: plan_map.places, **plan_map.others}.items()
        }
        about = f"{note or 'recorded data'}. {plan_map.bears}".strip()
        write_gpkg(folder / file, layers, styles=plan_map.styles, stamp=plan_map.stamp, note=about)
        files.append(file)
    return tuple(files)


def _told(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return a table with its reasons in words, where it has reasons, and the kind of data."""
    return worded(table, kind) if "reasons" in table else table.assign(data_kind=kind)
