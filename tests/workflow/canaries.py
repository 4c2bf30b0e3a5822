"""Planted rows, and the search for what is left of them in anything that a command writes or says. All made up."""

import re
import zipfile
import zlib
from functools import cache

import numpy as np
import pandas as pd
import pypdf
import rasterio
from PIL import Image
from pyproj import Transformer
from scipy.spatial import cKDTree

from geo.crs import METRIC
from tests.conftest import SIDE, SOUTH, WEST
from tests.workflow import small_province
from tests.workflow.small_province import CODES

PLANTED = 200
CRSS = ("EPSG:4326", METRIC, "EPSG:3857", "EPSG:4756")


def places(seed):
    """Return a commune for each planted row, and a place in it, metres: away from borders and from its label."""
    commune = np.arange(PLANTED) % 4
    at = np.random.default_rng(seed).uniform(0.15 * SIDE, 0.45 * SIDE, (PLANTED, 2))
    return commune, at + np.column_stack([commune % 2, commune // 2]) * SIDE + (WEST, SOUTH)


def rows(seed):
    """Return the planted rows, with persons in the columns that are dropped."""
    commune, at = places(seed)
    lon, lat = Transformer.from_crs(METRIC, "EPSG:4326", always_xy=True).transform(at[:, 0], at[:, 1])
    numbers = np.arange(PLANTED)
    months = pd.period_range("2014-01", periods=48, freq="M")
    return pd.DataFrame(
        {
            "id": [f"qzx-{number:03}-kanari" for number in numbers],
            "date": [f"{months[number % 48]}-{1 + number % 28:02}" for number in numbers],
            "lon": lon, "lat": lat, "precision": "point", "commune_code": np.array(CODES)[commune],
            "vintage": "2025-07-01",
            "Họ và tên": [f"Lò Thị Khonglo{chr(97 + number // 26)}{chr(97 + number % 26)}" for number in numbers],
            "Số điện thoại": [f"0912{number:06}" for number in numbers],
            "Ghi chú": [f"{x:.6f}, {y:.6f}" for x, y in zip(lon, lat, strict=True)],
        }
    )  # fmt: skip


def filled(folder, seed):
    """Make a workspace in which half of the planted rows are cases and half are absences."""
    made = small_province.make(folder / "w")
    table, half = rows(seed), PLANTED // 2
    cases = table[:half].rename(columns={"id": "case_id"}).assign(victims=1, source="police")
    absences = table[half:].rename(columns={"id": "absence_id", "date": "reported_on"})
    small_province.add(made, "cases", folder, **cases)
    small_province.add(made, "absences", folder, **absences.assign(status="open", sex="f", age_band="16-17"))
    sessions = {"session_id": ["s1", "s2"], "date": ["2015-05-05", "2016-06-06"], "commune_code": CODES[:2]}
    small_province.add(made, "outreach", folder, **sessions, vintage="2025-07-01", sessions=9, agency="police")
    return made


@cache
def planted():
    """Return a tree of the planted places for each coordinate system and order of x and y, and the planted words."""
    _, at = places(0)
    trees = []
    for crs in CRSS:
        x, y = Transformer.from_crs(METRIC, crs, always_xy=True).transform(at[:, 0], at[:, 1])
        unit = 0.0005 if max(map(abs, x)) < 180 else 50.0  # what three decimals of a degree tell, or metres alike
        trees += [(unit, cKDTree(np.column_stack(pair) / unit)) for pair in ((x, y), (y, x))]
    words = rows(0)
    secret = [*words["id"], *words["Họ và tên"].str.split().str[-1], *words["Số điện thoại"]]
    return trees, re.compile("|".join(map(re.escape, secret)).encode())


def leaks(path):
    """Return what is found in a file, in what it packs, and in its name."""
    return set().union(*(found_in(content) for content in contents(path)), found_in(path.name.encode()))


def contents(path):
    """Return the bytes of a file, unpacked as far as it is packed."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if path.suffix == ".pdf" and content:
        for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
            try:
                yield zlib.decompress(packed)
            except zlib.error:
                yield packed
        read = pypdf.PdfReader(path)  # its streams name the glyphs of a font, not letters
        yield "\n".join(page.extract_text() for page in read.pages).encode()
        yield f"{read.metadata} {read.xmp_metadata}".encode()
    if path.suffix == ".tif":
        with rasterio.open(path) as raster:
            yield repr([raster.tags(), raster.descriptions, [raster.tags(i) for i in raster.indexes]]).encode()
    if path.suffix == ".png" and content:
        with Image.open(path) as image:
            yield repr(image.info).encode()


def found_in(content):
    """Return ``"words"`` if any word is there, ``"places"`` if two numbers beside each other are a planted place."""
    trees, words = planted()
    found = set()
    if words.search(content) or words.search(content.replace(b"\0", b"")):
        found.add("words")
    numbers = [float(text.replace(b",", b".")) for text in re.findall(rb"(?<![\w.])\d{1,8}[.,]\d{3,}", content)]
    views = [np.array(numbers)]
    for kind, size in (("<f8", 8), (">f8", 8), ("<f4", 4)):  # the second is SQLite's
        for offset in range(size):
            usable = content[offset : offset + (len(content) - offset) // size * size]
            with np.errstate(invalid="ignore"):  # most of it are no numbers
                views.append(np.frombuffer(usable, kind).astype(float))
    for view in views:
        pairs = np.column_stack([view[:-1], view[1:]]) if view.size > 1 else np.empty((0, 2))
        pairs = pairs[np.isfinite(pairs).all(axis=1) & (pairs > 20).all(axis=1) & (pairs < 2e7).all(axis=1)]
        if any(near(pairs / unit, tree) for unit, tree in trees):
            found.add("places")
    return found


def near(pairs, tree):
    return len(pairs) > 0 and bool((tree.query(pairs, distance_upper_bound=1.5)[0] <= 1.5).any())
