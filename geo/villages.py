"""The user's list of villages: the commune of each, for records that name only a village."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.checks import Finding
from geo.errors import IntakeError, Message, some_of
from geo.intake.numbers import NOT_A, read_plain_numbers
from geo.intake.reading import read_table
from geo.places import Gazetteer, place

COLUMNS = ("village", "commune_code", "vintage", "lon", "lat")
Problem = tuple[pd.Series, str, Message]
"""A mask of rows, the column, and what is wrong with it."""

_WORDS = ["commune_code", "vintage", "commune", "district"]


@dataclass(frozen=True)
class VillageList:
    """A list of villages, and what its checks found.

    Attributes
    ----------
    villages
        `COLUMNS` of the rows that are sound: for `geo.places.Gazetteer`.
    findings
        What is wrong or doubtful, by row numbers.
    """

    villages: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.level != "error" for finding in self.findings)


def load_villages(path: Path, gazetteer: Gazetteer, vintage: str | None = None) -> VillageList:
    """Read a list of villages from a CSV or XLSX file and check it.

    Parameters
    ----------
    path
        A table with the columns ``village`` and ``commune_code`` or ``commune`` (and ``district``); it may have
        ``vintage``, and ``lon`` and ``lat``, by which a village is found whose commune was since split.
    gazetteer
        The communes.
    vintage
        Of the codes and names in rows that name none; the workspace's if not given.

    Raises
    ------
    IntakeError
        If the file cannot be read or lacks a column. What is wrong with its rows is returned.
    """
    cells = read_table(path).cells
    if "village" not in cells or not {"commune_code", "commune"} & set(cells):
        raise IntakeError(
            "{file}: a list of villages needs the columns village, and commune_code or commune", file=path.name
        )
    rows = cells.reindex(columns=["village", "lon", "lat", *_WORDS])
    points = {name: read_plain_numbers(rows[name]) for name in ("lon", "lat")}
    rows = rows.assign(**{name: values for name, (values, _) in points.items()})
    found = place(rows[_WORDS], gazetteer, vintage)
    located = place(rows[["lon", "lat"]], gazetteer)
    problems = [
        (rows["village"].isna(), "village", Message("is empty")),
        *((bad, name, NOT_A["coordinate"]) for name, (_, bad) in points.items()),
        *(
            (rows[one].notna() & rows[other].isna(), other, Message("is empty while {other} is given", {"other": one}))
            for one, other in (("lon", "lat"), ("lat", "lon"))
        ),
        *_without_commune(found),
        (located["placement"] == "refused", "lon", Message("lies outside the province")),
    ]
    elsewhere = found["unit_code"].notna() & located["unit_code"].notna() & (found["unit_code"] != located["unit_code"])
    doubt = (elsewhere, "lon", Message("lies in another commune than the row says"))
    wrong = pd.concat([mask for mask, _, _ in problems], axis=1).any(axis=1)
    villages = rows.assign(commune_code=found["code"], vintage=found["vintage"]).loc[~wrong, list(COLUMNS)]
    findings = [*(_finding("error", *each) for each in problems if each[0].any())]
    findings += [_finding("warning", *doubt)] if elsewhere.any() else []
    return VillageList(villages.reset_index(drop=True), tuple(findings))


def _without_commune(found: pd.DataFrame) -> list[Problem]:
    """Return the rows whose words have no unit of any vintage, by column and reason."""
    lost = found[found["code"].isna()]
    groups = lost.groupby([lost["column"], lost["reason"].map(str)], sort=False)
    return [
        (pd.Series(found.index.isin(group.index), index=found.index), column, group["reason"].iloc[0])
        for (column, _), group in groups
    ]


def _finding(level: str, rows: pd.Series, column: str, reason: Message) -> Finding:
    values = {"rows": some_of(rows.index[rows]), "column": column, "reason": reason}
    return Finding("villages", level, Message("rows {rows}: {column} {reason}", values))
