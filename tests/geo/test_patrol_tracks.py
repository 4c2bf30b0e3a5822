import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.crs import METRIC, STORED
from geo.errors import IntakeError
from geo.intake import accept
from geo.patrol_tracks import read_tracks

WEST, SOUTH = 500_000.0, 2_400_000.0
BORDER = gpd.GeoDataFrame(
    {"sector_id": ["LAO-001", "LAO-002"]},
    geometry=[
        shapely.LineString([(WEST, SOUTH), (WEST, SOUTH + 5_000)]),
        shapely.LineString([(WEST, SOUTH + 5_000), (WEST, SOUTH + 10_000)]),
    ],
    crs=METRIC,
).to_crs(STORED)


def gpx(path, *tracks):
    """Write tracks of (metres north along the border, metres east of it, UTC time)."""
    text = ""
    for track in tracks:
        places = gpd.GeoSeries.from_xy([WEST + e for _, e, _ in track], [SOUTH + n for n, _, _ in track], crs=METRIC)
        points = "".join(
            f'<trkpt lon="{place.x:.9f}" lat="{place.y:.9f}">' + (f"<time>{time}</time>" if time else "") + "</trkpt>"
            for place, (_, _, time) in zip(places.to_crs(STORED), track, strict=True)
        )
        text += f"<trk><trkseg>{points}</trkseg></trk>"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">{text}</gpx>')
    return path


def walk(minutes, north, east=100.0, day="2017-03-31", hour=1):
    return [(y, east, f"{day}T{hour:02}:{m:02}:00Z") for m, y in zip(minutes, north, strict=True)]


def test_hours_go_to_the_sector_that_is_nearest(tmp_path):
    """20 minutes along the first sector, 30 along the second; 10 more far inland count for none."""
    track = walk([0, 10, 20, 30, 50], [500, 2_000, 4_900, 6_000, 9_000])
    track += [(9_000, 20_000, "2017-03-31T01:55:00Z"), (9_000, 21_000, "2017-03-31T02:05:00Z")]
    table = read_tracks(gpx(tmp_path / "t.gpx", track), BORDER, METRIC)
    hours = table.cells.set_index("sector_id")["hours"].astype(float)
    assert hours["LAO-001"] == pytest.approx(20 / 60, abs=1e-3)
    assert hours["LAO-002"] == pytest.approx(30 / 60, abs=1e-3)
    assert "away from the border" in str(table.notes[0])
    intake = accept(table, "patrols", today=pd.Timestamp("2018-01-01"))
    assert len(intake.accepted) == 2


def test_a_silent_unit_is_not_on_patrol(tmp_path):
    track = walk([0, 10], [500, 600]) + walk([0, 10], [700, 800], hour=5)
    table = read_tracks(gpx(tmp_path / "t.gpx", track), BORDER, METRIC)
    assert table.cells["hours"].astype(float).tolist() == pytest.approx([20 / 60], abs=1e-3)


def test_days_are_those_of_viet_nam_and_tracks_stay_apart(tmp_path):
    """18:00 UTC is the next day there."""
    path = gpx(tmp_path / "t.gpx", walk([0, 30], [500, 600], hour=18), walk([0, 30], [500, 600], hour=1))
    cells = read_tracks(path, BORDER, METRIC).cells
    assert cells["date"].tolist() == ["2017-04-01", "2017-03-31"]
    assert cells["patrol_id"].is_unique


def test_a_track_is_known_by_its_points_and_times_whatever_its_file_is_called(tmp_path):
    def ids(name, *tracks):
        return set(read_tracks(gpx(tmp_path / name, *tracks), BORDER, METRIC).cells["patrol_id"])

    early, late = walk([0, 30], [500, 600]), walk([0, 30], [500, 600], hour=2)
    assert ids("track.gpx", early) == ids("Lò Văn Mẫu 0912345678.gpx", early)
    assert ids("track.gpx", early).isdisjoint(ids("other/track.gpx", late))
    assert ids("track.gpx", early) | ids("track.gpx", late) == ids("both.gpx", late, early)


def test_a_track_that_stands_in_a_file_twice_counts_once(tmp_path):
    track = walk([0, 30], [500, 600])
    table = read_tracks(gpx(tmp_path / "t.gpx", track, track, walk([0, 30], [500, 600], hour=2)), BORDER, METRIC)
    assert table.cells["patrol_id"].is_unique
    assert table.cells["hours"].astype(float).sum() == pytest.approx(1.0)
    assert "1 tracks stand in the file twice" in str(table.notes[0])


@pytest.mark.parametrize(
    ("tracks", "said"),
    [
        ([], "no track with times"),
        ([[(0, 0, ""), (10, 0, "")]], "no track with times"),
        ([walk([0, 10], [500, 600], east=50_000)], "no track comes near the border"),
    ],
)
def test_files_without_a_usable_track_are_explained(tmp_path, tracks, said):
    with pytest.raises(IntakeError, match=said):
        read_tracks(gpx(tmp_path / "t.gpx", *tracks), BORDER, METRIC)


def test_other_files_are_explained(tmp_path):
    (tmp_path / "t.gpx").write_text("no xml")
    with pytest.raises(IntakeError, match="not a readable vector file"):
        read_tracks(tmp_path / "t.gpx", BORDER, METRIC)
