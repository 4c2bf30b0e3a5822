"""Tables of counts carried from the communes of one vintage to those of another."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.crosswalks import Crosswalk, builtin_crosswalks, read_crosswalk
from geo.errors import IntakeError, Message, ReleaseError
from geo.intake import read_table
from geo.intake.numbers import read_numbers
from geo.intake.vocabulary import headings, words_of
from geo.other_provinces import province_crosswalk
from geo.places import restore_zeros
from geo.vintages import Carried, carry
from maps.release import released_file
from maps.tables import write_xlsx
from maps.text import translate

COUNT_HEADINGS = {"commune_code": "Mã xã\nCode"}
SPLIT_HEADINGS = {
    "from_code": "Từ đơn vị\nFrom unit",
    "to_code": "Sang đơn vị\nTo unit",
    "share": "Tỷ lệ\nShare",
}


@dataclass(frozen=True)
class CarriedFile:
    """A table that was carried and written.

    Attributes
    ----------
    files
        The counts, and the parts of split units if there are any.
    carried
        What is in them.
    left_out
        Headings of columns that hold no numbers.
    """

    files: tuple[Path, ...]
    carried: Carried
    left_out: tuple[str, ...]

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        said = [self.carried.message]
        if self.left_out:
            values = {"columns": ", ".join(self.left_out)}
            said.append(Message("Columns without numbers are not carried: {columns}", values))
        said += [Message("Files: {folder}", {"folder": str(file)}) for file in self.files]
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "files": [str(file) for file in self.files],
            "split": self.carried.split.to_dict("records"),
            "messages": [translate(message, "en") for message in self.messages],
        }


def carry_file(
    file: Path,
    out: Path,
    *,
    source: str,
    target: str,
    weight: str = "population",
    integer: bool = False,
    crosswalk: Path | None = None,
    province: str | None = None,
    overwrite: bool = False,
) -> CarriedFile:
    """Carry every column of counts of a table to the communes of another vintage; see `geo.vintages.carry`.

    Parameters
    ----------
    file
        CSV or workbook with a column of commune codes.
    out
        A workbook; beside it, named ``…_split``, the parts of the units that do not lie whole in another.
    source, target, weight, integer
        See `geo.vintages.carry`.
    crosswalk
        A crosswalk of the user's own between the two vintages, see `geo.crosswalks.read_crosswalk`.
    province
        Another province, see `geo.other_provinces.province_crosswalk`.
    overwrite
        Whether ``out`` may be replaced.

    Raises
    ------
    IntakeError, SchemaError
        If the table cannot be read or its counts not be carried.
    ReleaseError
        If the workbook cannot be written.
    """
    if out.suffix.lower() != ".xlsx":
        raise ReleaseError("{file}: the carried counts are a workbook; name it .xlsx", file=out.name)
    walks = _crosswalks(source, target, crosswalk, province)
    known = {code for walk in walks for codes in (walk.parts["old_code"], walk.parts["new_code"]) for code in codes}
    counts, left_out = _counts(file, known)
    carried = carry(counts, source, target, weight=weight, integer=integer, crosswalks=walks)
    files = [out]
    with released_file(out, overwrite=overwrite) as draft:
        write_xlsx(draft, carried.counts.reset_index(), title="counts", headings=COUNT_HEADINGS)
    if len(carried.split):
        files.append(out.with_name(f"{out.stem}_split.xlsx"))
        with released_file(files[-1], overwrite=overwrite) as draft:
            write_xlsx(draft, carried.split, title="split", headings=SPLIT_HEADINGS)
    return CarriedFile(tuple(files), carried, left_out)


def _crosswalks(source: str, target: str, path: Path | None, province: str | None) -> tuple[Crosswalk, ...]:
    old, new = sorted((source, target))
    if path is not None:
        return (read_crosswalk(path, old, new),)
    return (province_crosswalk(province, old),) if province else builtin_crosswalks()


def _counts(file: Path, known: set[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    cells = read_table(file).cells
    names = {*headings("cases")["commune_code"], words_of(COUNT_HEADINGS["commune_code"])}
    codes = [name for name in cells if words_of(name) in names]
    if len(codes) != 1:
        raise IntakeError("{file}: there must be one column of commune codes (commune_code, mã xã)", file=file.name)
    counts, left_out = {}, []
    for name in cells.columns.drop(codes):
        read = read_numbers(cells[name], "measure")
        if read.values.notna().any() and read.bad.empty:
            counts[name] = read.values.fillna(0).to_numpy()
        else:
            left_out.append(str(name))
    if not counts:
        raise IntakeError("{file}: there is no column of numbers", file=file.name)
    units = restore_zeros(cells[codes[0]].astype("str"), known)
    return pd.DataFrame(counts, index=pd.Index(units, name="commune_code")), tuple(left_out)
