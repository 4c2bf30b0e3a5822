"""Files that lead GDAL to other files or servers, fill the memory, or are not what they are called. All made up."""

import io
import json
import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import rasterio

from geo import vector_file
from geo.archive_limits import Limits
from geo.crs import STORED
from geo.errors import IntakeError
from geo.grid import Grid
from geo.intake.features import read_features
from geo.patrol_tracks import read_tracks
from geo.raster import write_cog
from geo.raster_file import open_raster
from geo.vector import kind_of, read_layer
from geo.vector_file import SUFFIXES

POINT = '{"type": "Point", "coordinates": [103.0, 21.5]}'
FEATURES = f'"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {{}}, "geometry": {POINT}}}]'
PLACE = "<Placemark><Point><coordinates>103.0,21.5</coordinates></Point></Placemark>"
KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>t</name>{}</Folder></Document></kml>'


@pytest.fixture
def secret(tmp_path):
    """A file beside those that are given, which none of them may lead to."""
    gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([103], [21.5]), crs=STORED).to_file(tmp_path / "s.gpkg")
    return tmp_path / "s.gpkg"


def vrt(secret):
    source = f"<SrcDataSource>{secret}</SrcDataSource>"
    return f"<OGRVRTDataSource><OGRVRTLayer name='s'>{source}</OGRVRTLayer></OGRVRTDataSource>"


def pipeline(secret):
    steps = f"gdal vector pipeline ! read {secret}"
    return json.dumps({"type": "gdal_streamed_alg", "command_line": steps, "gdal_version": "3120000"})


LEADING = {
    "a VRT": vrt,
    "a VRT in JSON": lambda secret: f'{{"x": "{vrt(secret)}", {FEATURES}}}',
    "a VRT behind a KML": lambda secret: "<kml/>" + vrt(secret),
    "a pipeline": pipeline,
    "GML": lambda _: f'<x xmlns:gml="http://www.opengis.net/gml">{PLACE}</x>',
    "WFS": lambda _: "<OGRWFSDataSource><URL>http://localhost:9/</URL></OGRWFSDataSource>",
}


@pytest.mark.parametrize("suffix", [".json", ".geojson", ".kml", ".gpx", ".gpkg", ".shp", ".zip", ".kmz"])
@pytest.mark.parametrize("way", LEADING)
def test_no_file_leads_to_another(tmp_path, secret, way, suffix):
    text = LEADING[way](secret)
    given = tmp_path / f"given{suffix}"
    if suffix in (".zip", ".kmz"):
        with zipfile.ZipFile(given, "w") as archive:
            archive.writestr("doc.kml" if suffix == ".kmz" else "a.txt", text)
    else:
        given.write_text(text)
    for read in (lambda: read_layer(given, kind="Point"), lambda: kind_of(given), lambda: read_features(given)):
        with pytest.raises(IntakeError, match="not a readable vector file"):
            read()


@pytest.mark.parametrize("way", ["a VRT", "a VRT behind a KML", "a pipeline"])
def test_gdal_alone_would_follow_them(tmp_path, secret, way):
    """Otherwise the tests above would prove nothing."""
    (tmp_path / "given.json").write_text(LEADING[way](secret))
    assert len(pyogrio.read_dataframe(tmp_path / "given.json")) == 1


def test_tracks_lead_nowhere_either(tmp_path, secret):
    (tmp_path / "t.gpx").write_text(vrt(secret).replace("'s'", "'track_points'"))
    with pytest.raises(IntakeError, match="not a readable vector file"):
        read_tracks(tmp_path / "t.gpx", None, "EPSG:9205")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", "\ufeff\n{" + FEATURES + "}"),
        ("a.json", "{" + FEATURES + "}"),
        ("a.kml", '<?xml version="1.0"?><!-- made up -->' + KML.format(PLACE)),
    ],
)
def test_files_as_offices_have_them_are_read(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert len(read_layer(tmp_path / name, kind="Point")) == 1


DECLARED = {
    "an external entity": '[<!ENTITY e SYSTEM "file:///etc/hostname">]',
    "a thousand million laughs": "[<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "<!ENTITY e '&a9;'>]",
    "a document type elsewhere": 'SYSTEM "http://localhost:9/x.dtd"',
}


@pytest.mark.parametrize("way", DECLARED)
@pytest.mark.parametrize("suffix", [".kml", ".gpx", ".kmz"])
def test_no_document_type_is_read(tmp_path, way, suffix):
    root = "gpx" if suffix == ".gpx" else "kml"
    body = (
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="21.5" lon="103">'
        "<name>&e;</name></wpt></gpx>"
        if root == "gpx"
        else KML.format(PLACE.replace("<Point>", "<name>&e;</name><Point>"))
    )
    text = f'<?xml version="1.0"?><!DOCTYPE {root} {DECLARED[way]}>{body}'
    given = tmp_path / f"t{suffix}"
    if suffix == ".kmz":
        with zipfile.ZipFile(given, "w") as archive:
            archive.writestr("doc.kml", text)
    else:
        given.write_text(text)
    with pytest.raises(IntakeError, match="not a readable vector file"):
        read_features(given)


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("suffix", [".zip", ".kmz"])
class TestArchives:
    @pytest.mark.parametrize(
        ("members", "said"),
        [
            ({"a.shp": bytes(2**25)}, "more than 250 times its size"),
            ({str(n): b"" for n in range(4)}, "more than 3 files"),
            ({"a/" * 33 + "a.shp": b""}, "more than 32 folders within each other"),
            ({"a.shp": bytes(2**26 + 1)}, "more than 67108864 bytes"),
        ],
    )
    def test_what_unpacks_to_too_much_is_refused(self, tmp_path, monkeypatch, suffix, members, said):
        monkeypatch.setattr(vector_file, "LIMITS", Limits(members=3, unpacked=2**26))
        given = tmp_path / f"t{suffix}"
        given.write_bytes(zipped(members))
        for read in (read_features, lambda path: read_layer(path, kind="Point")):
            with pytest.raises(IntakeError, match=f"is not unpacked: it .*{said}"):
                read(given)

    def test_a_directory_that_lies_is_found_out(self, tmp_path, suffix):
        data = zipped({"doc.kml": KML.format(PLACE)})
        size = len(KML.format(PLACE)).to_bytes(4, "little")
        (tmp_path / f"t{suffix}").write_bytes(data.replace(size, (7).to_bytes(4, "little")))
        with pytest.raises(IntakeError, match="not a readable vector file"):
            read_layer(tmp_path / f"t{suffix}", kind="Point")

    def test_an_archive_within_an_archive_is_not_opened(self, tmp_path, suffix):
        (tmp_path / f"t{suffix}").write_bytes(zipped({f"inner{suffix}": zipped({"doc.kml": KML.format(PLACE)})}))
        with pytest.raises(IntakeError, match="not a readable vector file"):
            read_features(tmp_path / f"t{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"<html><body>1</body></html>", b"\0" * 100])
def test_what_is_of_another_kind_is_refused(tmp_path, suffix, content):
    (tmp_path / f"t{suffix}").write_bytes(content)
    with pytest.raises(IntakeError, match="not a readable vector file"):
        read_layer(tmp_path / f"t{suffix}", kind="Point")


class TestRasters:
    @pytest.fixture
    def raster_vrt(self, tmp_path):
        grid = Grid.covering((500_000, 510_000, 2_400_000, 2_410_000), 1000, "EPSG:9205")
        write_cog(tmp_path / "secret.tif", np.ones(grid.shape), grid, description="e", unit="m", tags={})
        source = f"<SourceFilename>{tmp_path / 'secret.tif'}</SourceFilename><SourceBand>1</SourceBand>"
        return (
            '<VRTDataset rasterXSize="10" rasterYSize="10"><SRS>EPSG:9205</SRS>'
            "<GeoTransform>500000,1000,0,2410000,0,-1000</GeoTransform>"
            f'<VRTRasterBand dataType="Float64" band="1"><SimpleSource>{source}</SimpleSource></VRTRasterBand>'
            "</VRTDataset>"
        )

    @pytest.mark.parametrize("name", ["t.tif", "t.img", "t.asc", "t.bil", "t.hgt"])
    def test_no_raster_leads_to_another_or_to_a_server(self, tmp_path, raster_vrt, name):
        service = '<GDAL_WMS><Service name="TMS"><ServerUrl>http://localhost:9/</ServerUrl></Service></GDAL_WMS>'
        for text in (raster_vrt, service):
            (tmp_path / name).write_text(text)
            with pytest.raises(IntakeError, match="not a readable raster"), open_raster(tmp_path / name):
                pass

    def test_gdal_alone_would_follow_it(self, tmp_path, raster_vrt):
        (tmp_path / "t.tif").write_text(raster_vrt)
        with rasterio.open(tmp_path / "t.tif") as raster:
            assert raster.read(1).shape == (10, 10)
