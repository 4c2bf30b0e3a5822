"""What the layers of a run look like in QGIS: the classes and colours of the web map, and a legend in words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import Message
from maps.legend import classed
from maps.palette import COMMUNES, NO_DATA, SECTORS, SURFACE
from maps.qml import (
    Label,
    RasterClass,
    Rule,
    Symbol,
    cased_line,
    fill,
    hatch,
    line,
    marker,
    outline,
    raster_style,
    vector_style,
)
from maps.text import number, translate

DIGITS = 6
"""Values are rounded to so many decimals before they are classed, as on the web map: differences below are none."""

CROSSING_HEADINGS = {
    "crossing_id": "Mã\nCode",
    "name": "Tên\nName",
    "kind": "Loại\nKind",
    "neighbour": "Giáp\nNeighbour",
    "commune_code": "Mã xã\nCommune's code",
    "position_quality": "Vị trí theo\nPosition by",
    "data_kind": "Loại số liệu\nData",
}

_MORE_HEADINGS = {"vintage": "Đơn vị từ ngày\nUnits since", "geometry_quality": "Chất lượng ranh giới\nBoundary"}
"""Of columns that stand in the layers and in no table."""

_WEAK, _UNSURE, _MOVED = "#444444", "#6a3d9a", "#1b6e3c"
_BY_RANK = 'max(0, 10 - "rank" / 5)'
"""Where names crowd, those of the first ranks stay."""


class LayerStyle(NamedTuple):
    """What a layer is called, and its style as QML."""

    title: str
    qml: str


class ValueClass(NamedTuple):
    """A class of values, its bounds included, with the number of values in it."""

    colour: str
    low: float
    high: float
    n: int


def run_styles(
    communes: gpd.GeoDataFrame,
    sectors: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    surface: NDArray[np.float64],
    *,
    headings: Mapping[str, Mapping[str, str]],
    effort_known: bool = True,
    lang: str,
) -> dict[str, LayerStyle]:
    """Return the styles of a run's layers by their names.

    Parameters
    ----------
    communes
        With ``expected`` and ``weak_data``.
    sectors
        With ``score``, a share of 1.
    crossings
        With ``position_quality``.
    surface
        NaN where there is none.
    headings
        By layer, what its columns are called: Vietnamese, a new line, English.
    effort_known
        See `maps.web.MapContent`; a layer's name outlives the title of its project.
    lang
        ``"vi"`` or ``"en"``.
    """
    communes_title = (
        Message("Communes: events expected a year")
        if effort_known
        else Message("Communes: recorded cases going on as before, not risk")
    )
    aliases = {name: in_language({**columns, **_MORE_HEADINGS}, lang) for name, columns in headings.items()}
    return {
        "communes": LayerStyle(
            translate(communes_title, lang),
            vector_style(
                _commune_rules(communes, lang),
                Label('"rank" || \'. \' || "name"', "polygon", _BY_RANK),
                aliases["communes"],
            ),
        ),
        "border_sectors": LayerStyle(
            translate(Message("Border sectors: share of the border's flow"), lang),
            vector_style(
                _sector_rules(sectors, lang),
                Label('"rank" || \'. \' || "sector_id"', "line", _BY_RANK, colour=SECTORS[-1], size=8),
                aliases["border_sectors"],
            ),
        ),
        "crossings": LayerStyle(
            translate(Message("Border crossings"), lang),
            vector_style(
                _crossing_rules(crossings, lang),
                Label('"name"', "point", size=8),
                in_language(CROSSING_HEADINGS, lang),
            ),
        ),
        "risk": LayerStyle(
            translate(Message("Surface: recorded events per 10,000 people a year"), lang), _surface_style(surface, lang)
        ),
    }


def _surface_style(surface: NDArray[np.float64], lang: str) -> str:
    # The file holds single precision: a bound must be the very number that its cells hold.
    classes = value_classes(surface.astype("float32"), SURFACE)
    return raster_style([RasterClass(_range(entry, lang), entry.high, entry.colour) for entry in classes], opacity=0.8)


def value_classes(values: ArrayLike, palette: Sequence[str]) -> list[ValueClass]:
    """Return the classes that hold a value, from low to high; none if no value is finite."""
    return [ValueClass(**entry) for entry in classed(values, palette)[1]]


def _commune_rules(communes: gpd.GeoDataFrame, lang: str) -> list[Rule]:
    weak = int((communes["weak_data"] == True).sum())  # noqa: E712 - the column may hold missing values
    classes = value_classes(communes["expected"].round(DIGITS), COMMUNES)
    return [
        *value_rules("expected", classes, _communes, fill, lang),
        Rule(translate(Message("no data"), lang), '"expected" IS NULL', fill(NO_DATA)),
        Rule(
            f"{translate(Message('weak data'), lang)}: {translate(_communes(weak), lang)}",
            '"weak_data"',
            hatch(_WEAK),
        ),
        *_doubted(communes, lang),
    ]


def _doubted(communes: gpd.GeoDataFrame, lang: str) -> Iterator[Rule]:
    """Give the rules of communes whose place is unsure, and of those that a planner moved, where there are any."""
    marks = (
        ("unstable", Message("place unsure"), '"unstable"', _UNSURE),
        ("override_reason", Message("moved by a planner"), '"override_reason" IS NOT NULL', _MOVED),
    )
    for column, words, condition, colour in marks:
        if column in communes and (n := int((communes[column].notna() & (communes[column] != False)).sum())):  # noqa: E712
            yield Rule(f"{translate(words, lang)}: {translate(_communes(n), lang)}", condition, outline(colour, 0.9))


def _sector_rules(sectors: gpd.GeoDataFrame, lang: str) -> list[Rule]:
    classes = value_classes(sectors["score"].round(DIGITS), SECTORS)
    widths = class_widths(classes)
    return [
        *value_rules("score", classes, _sectors, lambda colour: cased_line(colour, widths[colour]), lang, 100),
        Rule(translate(Message("no data"), lang), '"score" IS NULL', line(NO_DATA, 0.8)),
    ]


def _crossing_rules(crossings: gpd.GeoDataFrame, lang: str) -> list[Rule]:
    looks = {
        "published": (Message("published position"), marker("circle", "#1f78b4", 3)),
        "demo": (Message("demo position, made up for the simulation"), marker("triangle", "#ffffff", 3.4)),
        # Without a geometry nothing is drawn, but the legend says that they are there.
        "unknown": (Message("no published position"), marker("cross2", "#888888", 2)),
    }
    counts = crossings["position_quality"].value_counts()
    return [
        Rule(
            f"{translate(words, lang)}: {number(counts[quality], lang)}", f"\"position_quality\" = '{quality}'", symbol
        )
        for quality, (words, symbol) in looks.items()
        if quality in counts
    ]


def class_widths(classes: Sequence[ValueClass]) -> dict[str, float]:
    """Return the width of a line by its class's colour, growing from 0.8 to 2 mm."""
    return dict(zip((entry.colour for entry in classes), np.linspace(0.8, 2.0, len(classes)).tolist(), strict=True))


def value_rules(
    column: str,
    classes: Sequence[ValueClass],
    counted: Callable[[int], Message],
    symbol: Callable[[str], Symbol],
    lang: str,
    scale: float = 1,
) -> list[Rule]:
    """Return a rule a class, with its bounds and size in words.

    Neighbouring classes share a bound, which belongs to the lower one.

    Parameters
    ----------
    column
        That the classes are of.
    classes
        From low to high.
    counted
        The words for a number of features.
    symbol
        What a feature of a colour looks like.
    lang
        ``"vi"`` or ``"en"``.
    scale
        Times which the bounds are shown; 100 is a per cent.
    """
    rounded = f'round("{column}", {DIGITS})'
    lows = [None, *(entry.high for entry in classes)]
    return [
        Rule(
            f"{_range(entry, lang, scale)}: {translate(counted(entry.n), lang)}",
            " AND ".join(([] if low is None else [f"{rounded} > {low!r}"]) + [f"{rounded} <= {entry.high!r}"]),
            symbol(entry.colour),
        )
        for low, entry in zip(lows, classes, strict=False)
    ]


def _communes(n: int) -> Message:
    return Message("{n} communes", {"n": n})


def _sectors(n: int) -> Message:
    return Message("{n} sectors", {"n": n})


def _range(entry: ValueClass, lang: str, scale: float = 1) -> str:
    low, high = (number(bound * scale, lang) for bound in (entry.low, entry.high))
    shown = low if low == high else f"{low} – {high}"
    return f"{shown} %" if scale == 100 else shown


def in_language(headings: Mapping[str, str], lang: str) -> dict[str, str]:
    """Return headings of two lines, Vietnamese and English, in one language."""
    position = 0 if lang == "vi" else -1
    return {column: heading.split("\n")[position] for column, heading in headings.items()}
