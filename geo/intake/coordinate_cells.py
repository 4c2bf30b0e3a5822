"""The cells of a column of coordinates: numbers; degrees, minutes and seconds with a direction; or both at once."""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.intake.numbers import is_scientific, read_numbers
from geo.intake.parsed import READ_AS_EMPTY, plain

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

LON, LAT = 1, -1
"""Axes; 0 where a cell names neither."""

_DIRECTIONS = {
    **dict.fromkeys(("n", "b", "bắc"), (LAT, 1)),
    **dict.fromkeys(("s", "nam"), (LAT, -1)),
    **dict.fromkeys(("e", "đ", "đông"), (LON, 1)),
    **dict.fromkeys(("w", "t", "tây"), (LON, -1)),
}
"""Axis and sign. “N” is north as on every receiver, not the first letter of “nam”: the province lies in the north."""

_AXES = {
    **dict.fromkeys(("vĩ độ", "vĩ tuyến", "vĩ", "latitude", "lat"), (LAT, 1)),
    **dict.fromkeys(("kinh độ", "kinh tuyến", "kinh", "longitude", "long", "lon"), (LON, 1)),
}
_NAMES = _DIRECTIONS | _AXES

_SIGNS = str.maketrans({**dict.fromkeys("º˚", "°"), **dict.fromkeys("′’‘ʹ", "'"), **dict.fromkeys("″”“ʺ", '"')})
_WORDS = {"độ": "°", "phút": "'", "giây": '"'}


def _any_of(names: dict[str, tuple[int, int]]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_FIGURE = (
    r"-?\d{1,3}(?:"
    r" ?[°d: ] ?\d{1,2} ?['m: ] ?\d{1,2}(?:[.,]\d+)? ?[\"s]?"
    r"| ?[°d: ] ?\d{1,2}(?:[.,]\d+)? ?['m]?"
    r"|(?:[.,]\d+)? ?[°d]?"
    r")"
)
_AXIS, _DIRECTION = rf"(?:(?:{_any_of(_AXES)})[ :]*)", rf"(?:{_any_of(_DIRECTIONS)})"
_ANGLE = rf"(?:{_AXIS}?{_DIRECTION}[ :]*{_FIGURE}|{_AXIS}?{_FIGURE}(?: ?{_AXIS}?{_DIRECTION})?)"
_ONE = re.compile(_ANGLE, re.ASCII)
_TWO = re.compile(rf"[(\[]?({_ANGLE})(?: ?[;|/] ?| ?, ?| |(?<!\d) ?)({_ANGLE})[)\]]?", re.ASCII)
_DEGREES = re.compile(_FIGURE, re.ASCII)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)
_NAME = re.compile(_any_of(_NAMES))


class Angle(NamedTuple):
    """Degrees, and the axis if the cell names it: `LON`, `LAT` or 0."""

    degrees: float
    axis: int


def read_angles(text: str) -> tuple[Angle, ...]:
    r"""Return the angle that a cell holds, or the two, or none.

    Minutes and seconds follow the degrees after ° ' ", d m s, colons or spaces; a direction (N S E W, or B N Đ T as
    in bắc, nam, đông, tây) or the name of the axis stands before or after.

    >>> read_angles("21°23'15\"N")
    (Angle(degrees=21.3875, axis=-1),)
    >>> read_angles("21.386, 103.017")
    (Angle(degrees=21.386, axis=0), Angle(degrees=103.017, axis=0))
    >>> read_angles("kinh độ Đông 103 01 12"), read_angles("21 75 15")
    ((Angle(degrees=103.02, axis=1),), ())
    """
    text = re.sub(r"(?<=\d) ?(độ|phút|giây)", lambda word: _WORDS[word[1]], plain(text).translate(_SIGNS))
    text = text.replace("''", '"')
    if is_scientific(text):  # "1e4" is no longitude of 1 degree east and 4 more
        return ()
    for form in (_ONE, _TWO):
        if match := form.fullmatch(text):
            parts = match.groups() or (text,)
            angles = tuple(angle for part in parts if (angle := _angle(part)))
            # “21 23 15 103” can be cut in several places; two angles of one form cannot.
            alike = len({len(_NUMBER.findall(part)) for part in parts}) == 1
            if alike and len(angles) == len(parts):
                return angles
    return ()


def _angle(text: str) -> Angle | None:
    figure = _DEGREES.search(text)
    if figure is None:
        return None
    parts = [float(number.replace(",", ".")) for number in _NUMBER.findall(figure[0])]
    named = [_NAMES[name] for name in _NAME.findall(f"{text[: figure.start()]} {text[figure.end() :]}")]
    axes = {axis for axis, _ in named}
    signs = [sign for _, sign in named if sign < 0] + [-1] * figure[0].startswith("-")
    if any(part >= 60 for part in parts[1:]) or len(axes) > 1 or len(signs) > 1:
        return None
    degrees = sum(part / 60**power for power, part in enumerate(parts))
    return Angle(-degrees if signs else degrees, axes.pop() if axes else 0)


@dataclass(frozen=True)
class Cells:
    """A column's cells taken apart.

    Attributes
    ----------
    numbers
        Shape (n, 2): the number of each cell, and the second where it holds two; NaN where there is none.
    axes
        Shape (n, 2): the axis that the cell names for each.
    bad
        Where nothing could be read.
    lost
        Of those, where a spreadsheet shortened a number to an exponent.
    unknown
        Where the cell says that the coordinate is not known.
    angles
        Where minutes, seconds, directions or two numbers stood.
    """

    numbers: Floats
    axes: Floats
    bad: Bools
    lost: Bools
    unknown: Bools
    angles: Bools

    @classmethod
    def of(cls, text: pd.Series) -> "Cells":
        """Read a column of text, or of numbers."""
        text = text.reset_index(drop=True)
        read = read_numbers(text, "coordinate")
        numbers, axes = np.full((len(text), 2), np.nan), np.zeros((len(text), 2))
        numbers[:, 0] = _in_thousands(read.values.to_numpy(), text)
        odd, unknown = np.zeros(len(text), dtype=bool), np.zeros(len(text), dtype=bool)
        odd[read.bad.index] = True
        unknown[read.repaired.index[read.repaired == READ_AS_EMPTY]] = True
        codes, distinct = pd.factorize(text[odd])
        lost = odd.copy()
        lost[odd] = np.array([is_scientific(str(cell)) for cell in distinct], dtype=bool)[codes]
        found = np.array([_numbers_and_axes(read_angles(str(cell))) for cell in distinct]).reshape(-1, 4)[codes]
        numbers[odd], axes[odd] = found[:, :2], found[:, 2:]
        angles = odd & np.isfinite(numbers[:, 0])
        return cls(numbers, axes, odd & ~angles, lost, unknown, angles)

    @property
    def empty(self) -> Bools:
        """Where there is nothing to read."""
        return np.isnan(self.numbers[:, 0]) & ~self.bad

    @property
    def double(self) -> Bools:
        """Where one cell holds two numbers."""
        return np.isfinite(self.numbers[:, 1])


def _in_thousands(numbers: Floats, text: pd.Series) -> Floats:
    """Return eastings for cells such as 501.567: no place of the province has so few metres, or so many degrees."""
    between = np.flatnonzero((np.abs(numbers) > 180) & (np.abs(numbers) < 1000))
    lone = between[text[between].astype("str").str.fullmatch(r"\d{3}[.,]\d{3}").to_numpy(dtype=bool)]
    numbers = numbers.copy()
    numbers[lone] = np.round(1000 * numbers[lone])
    return numbers


def _numbers_and_axes(angles: tuple[Angle, ...]) -> list[float]:
    one, other = (*angles, Angle(np.nan, 0), Angle(np.nan, 0))[:2]
    return [one.degrees, other.degrees, one.axis, other.axis]
