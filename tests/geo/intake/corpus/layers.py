"""Layers with one trouble each, and places at the edge of the province."""

import json

import geopandas as gpd
import shapely
from shapely.geometry import MultiPoint, Point, Polygon

from geo.boundaries import communes
from geo.schema import VINTAGES
from tests.geo.intake.corpus.files import PDF, FileTrouble, cut, zipped
from tests.geo.intake.corpus.rows import CANARY

FEATURES = {"date": "2017-03-31", "victims": 1, "source": "police", "data_kind": "simulated"}
INSIDE = Point(102.45, 22.10)


def layer(*geometries, crs="EPSG:4326", ids=True, **options):
    """Return what writes cases with these geometries as a layer."""

    def write(path):
        names = {"case_id": [f"{CANARY}-{number}" for number in range(len(geometries))]} if ids else {}
        rows = range(len(geometries))
        frame = gpd.GeoDataFrame({**names, **FEATURES}, geometry=list(geometries), index=rows, crs=crs)
        frame.to_file(path, engine="pyogrio", **options)

    return write


def units(*shapes):
    """Return what writes the built-in communes with other shapes in the place of the first ones."""

    def write(path):
        frame = communes(VINTAGES[-1])[["commune_code", "name", "geometry"]]
        rest = list(frame.geometry)[len(shapes) :]
        frame.set_geometry([*shapes, *rest], crs=frame.crs).to_file(path, engine="pyogrio")

    return write


def slip(path):
    """Write a zipped Shapefile whose parts would be unpacked above the folder."""
    inner = path.with_name("inner.shp")
    layer(INSIDE)(inner)
    parts = {f"../../{part.name}": part.read_bytes() for part in path.parent.glob("inner.*")}
    for part in path.parent.glob("inner.*"):
        part.unlink()
    zipped(parts)(path)


def without(suffix):
    """Return what writes a Shapefile and loses one of its parts."""

    def write(path):
        layer(INSIDE)(path)
        path.with_suffix(suffix).unlink()

    return write


def kml(body, head=""):
    """Return a KML document."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<Folder><name>t</name>{body}</Folder></Document></kml>"
    )


def at_the_border(km_outside):
    """Return what writes a case so far west of the province's westernmost point."""

    def write(path):
        outline = communes(VINTAGES[-1]).union_all()
        west, lat = min(shapely.get_coordinates(outline).tolist())
        lon = west - km_outside / 103.3  # kilometres in a degree, there
        path.write_text(f"case_id,date,lon,lat,victims,source\n{CANARY},2017-03-31,{lon:.7f},{lat:.7f},1,police\n")

    return write


DATA = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in (FEATURES | {"case_id": CANARY}).items())
MARK = (
    f"<Placemark><ExtendedData>{DATA}</ExtendedData><Point><coordinates>102.45,22.10</coordinates></Point></Placemark>"
)
XXE = '<!DOCTYPE kml [<!ENTITY e SYSTEM "file:///etc/hostname">]>'


def geojson(*coordinates, **more):
    """Return a GeoJSON of points."""
    features = [
        {"type": "Feature", "properties": {"case_id": f"{CANARY}-{n}", **FEATURES}, "geometry": geometry}
        for n, geometry in enumerate({"type": "Point", "coordinates": list(pair)} for pair in coordinates)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


BOW = Polygon([(102.2, 22.0), (102.4, 22.2), (102.4, 22.0), (102.2, 22.2)])
BOX = Polygon([(102.2, 22.0), (102.4, 22.0), (102.4, 22.2), (102.2, 22.2)])


LAYERS = [
    FileTrouble("a point on the border line", "t.csv", at_the_border(0), "1 rows read, 1 accepted", 1),
    FileTrouble(
        "a point as far outside as the line is uncertain", "t.csv", at_the_border(1), "1 rows read, 1 accepted", 1
    ),
    FileTrouble("a point five kilometres outside", "t.csv", at_the_border(5), "lies outside the province", 1, 1),
    FileTrouble("a zip-slip Shapefile", "t.zip", slip, "not a readable vector file"),
    FileTrouble("an archive without a layer", "t.zip", zipped({"a.txt": CANARY}), "not a readable vector file"),
    FileTrouble("a Shapefile without its CRS", "t.shp", without(".prj"), "no coordinate reference system"),
    FileTrouble("a Shapefile without its index", "t.shp", without(".shx"), "not a readable vector file"),
    FileTrouble("a Shapefile without its table", "t.shp", without(".dbf"), "needs the columns date"),
    FileTrouble("degrees said to be metres", "t.gpkg", layer(INSIDE, crs="EPSG:9205"), "cannot be in"),
    FileTrouble(
        "a CRS that contradicts the option", "t.gpkg", layer(INSIDE), "leave --crs out", options=(("crs", "EPSG:9205"),)
    ),
    FileTrouble("metres said to be degrees", "t.gpkg", layer(Point(501566, 2365683)), "cannot be in"),
    FileTrouble("polygons as cases", "t.gpkg", layer(BOX), "expected Point geometries"),
    FileTrouble("an empty point beside a good one", "t.gpkg", layer(INSIDE, Point()), "1 of them without a commune", 2),
    FileTrouble("a feature without a geometry", "t.gpkg", layer(INSIDE, None), "1 of them without a commune", 2),
    FileTrouble(
        "a multipoint", "t.gpkg", layer(MultiPoint([(102.45, 22.1), (102.46, 22.11)])), "of several points", 1, 1
    ),
    FileTrouble(
        "a multipoint of one point", "t.gpkg", layer(MultiPoint([(102.45, 22.1)])), "1 rows read, 1 accepted", 1
    ),
    FileTrouble(
        "features without identifiers",
        "t.gpkg",
        layer(INSIDE, MultiPoint([(102.45, 22.1), (102.46, 22.11), (102.5, 22.1)]), ids=False),
        "of several points",
        2,
        1,
    ),
    FileTrouble("a GeoPackage cut in the middle", "t.gpkg", cut(layer(INSIDE), 0.5), "not a readable vector file"),
    FileTrouble("a PDF named as a GeoPackage", "t.gpkg", PDF, "not a readable vector file"),
    FileTrouble("an empty GeoJSON", "t.geojson", geojson(), "no feature with a geometry"),
    FileTrouble("GeoJSON that is not closed", "t.geojson", geojson((102.45, 22.1))[:-3], "not a readable vector file"),
    FileTrouble("GeoJSON with NaN", "t.geojson", geojson((float("nan"), 22.1)), "cannot be in EPSG:4326"),
    FileTrouble("GeoJSON in Laos", "t.geojson", geojson((102.1, 20.5)), "lies outside the province", 1, 1),
    FileTrouble("GeoJSON with exchanged axes", "t.geojson", geojson((22.1, 102.45)), "cannot be in EPSG:4326"),
    FileTrouble(
        "a KML with an external entity", "t.kml", kml(MARK.replace("police", "&e;"), XXE), "not a readable vector file"
    ),
    FileTrouble("a KML that is no XML", "t.kml", kml(MARK)[:-30], "not a readable vector file"),
    FileTrouble("a KML without places", "t.kml", kml(""), "no feature with a geometry"),
    FileTrouble("a KML of points", "t.kml", kml(MARK), "1 rows read", 1),
    FileTrouble(
        "a self-crossing commune", "t.gpkg", units(BOW), "1 polygons are empty or not valid", 45, kind="communes"
    ),
    FileTrouble(
        "an empty polygon", "t.gpkg", units(BOX, Polygon()), "1 polygons are empty or not valid", 45, kind="communes"
    ),
    FileTrouble("a point as a commune", "t.gpkg", units(INSIDE), "expected Polygon geometries", kind="communes"),
    FileTrouble(
        "two communes in one place", "t.gpkg", units(BOX, BOX), "pairs of communes overlap", 45, kind="communes"
    ),
]
