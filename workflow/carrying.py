"""Tables of counts carried from the communes of one vintage to those of another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from geo.crosswalks import Crosswalk, builtin_crosswalks, read_crosswalk
from geo.errors import Message, ReleaseError
from geo.intake.count_table import CountTable, read_counts
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
    table
        The file as it was read.
    gaps
        What is not known, as cells of the file are empty.
    """

    files: tuple[Path, ...]
    carried: Carried
    table: CountTable
    gaps: tuple[Message, ...]

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        said = [self.carried.message, *(Message("Note: {note}", {"note": note}) for note in self.table.notes)]
        said += [Message("Note: {note}", {"note": note}) for note in self.gaps]
        if self.table.personal:
            values = {"columns": ", ".join(self.table.personal)}
            said.append(Message("Columns with personal data were dropped: {columns}", values))
        if self.table.left_out:
            values = {"columns": ", ".join(self.table.left_out)}
            said.append(Message("Columns that are no counts are not carried: {columns}", values))
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
        CSV or workbook with a column of commune codes, see `geo.intake.count_table.read_counts`.
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
    table = read_counts(file)
    codes = restore_zeros(table.codes.astype("str"), known)
    counts = table.counts.set_axis(pd.Index(codes, name="commune_code"))
    carried = carry(counts.fillna(0), source, target, weight=weight, integer=integer, crosswalks=walks)
    carried, gaps = _with_gaps(carried, counts, walks, weight)
    files = [out]
    with released_file(out, overwrite=overwrite) as draft:
        write_xlsx(draft, carried.counts.reset_index(), title="counts", headings=COUNT_HEADINGS)
    if len(carried.split):
        files.append(out.with_name(f"{out.stem}_split.xlsx"))
        with released_file(files[-1], overwrite=overwrite) as draft:
            write_xlsx(draft, carried.split, title="split", headings=SPLIT_HEADINGS)
    return CarriedFile(tuple(files), carried, table, tuple(gaps))


def _crosswalks(source: str, target: str, path: Path | None, province: str | None) -> tuple[Crosswalk, ...]:
    old, new = sorted((source, target))
    if path is not None:
        return (read_crosswalk(path, old, new),)
    return (province_crosswalk(province, old),) if province else builtin_crosswalks()


def _with_gaps(
    carried: Carried, counts: pd.DataFrame, walks: Sequence[Crosswalk], weight: str
) -> tuple[Carried, list[Message]]:
    """Leave empty what an empty cell goes to: the count of a unit with an unknown part is not known."""
    gaps = counts.isna()
    if not gaps.any(axis=None):
        return carried, []
    reached = carry(gaps.astype(float), carried.source, carried.target, weight=weight, crosswalks=walks).counts > 0
    said = [
        Message(
            "{column}: {n} cells are empty, and so are the {m} units that they go to",
            {"column": name, "n": int(gaps[name].sum()), "m": int(reached[name].sum())},
        )
        for name in counts.columns[gaps.any()]
    ]
    whole = carried.counts.dtypes.eq("int64").all()
    known = carried.counts.astype("Int64") if whole else carried.counts
    return replace(carried, counts=known.mask(reached)), said
