"""What is wrong with rows that are stored already: hands can reach a GeoPackage, and rules change between versions."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from geo.errors import Message, WorkspaceError, some_of
from geo.intake.rules import broken_between_columns, broken_in_columns
from geo.store import LAYERS


@dataclass(frozen=True)
class Faults:
    """What is said of stored rows: what must be mended before a run, and what is only to be known."""

    grave: tuple[Message, ...] = ()
    slight: tuple[Message, ...] = ()

    def __add__(self, other: "Faults") -> "Faults":
        return Faults(self.grave + other.grave, self.slight + other.slight)


def faults_of_records(name: str, rows: pd.DataFrame, files: Mapping[str, str], today: pd.Timestamp) -> Faults:
    """Hold the rows of a table against its schema, and against what every row must say of its origin.

    Parameters
    ----------
    name
        Of the table.
    rows
        As the store keeps them.
    files
        The file of each intake that was not undone.
    today
        Dates after this day lie in the future.
    """
    schema, table = LAYERS[name], Message(name)
    grave = list(_missing(name, rows))
    rows = rows.reset_index(drop=True)
    for column, broken, reason in [*broken_in_columns(schema, rows), *broken_between_columns(rows, today)]:
        where = some_of(_origins(rows.loc[broken[:11]], files))
        values = {"table": table, "column": column, "reason": reason, "n": len(broken), "rows": where}
        grave.append(Message("{table}: {column} {reason} in {n} rows ({rows})", values))
    intake = rows.reindex(columns=["intake_id", "file_row"])
    strays = int((~intake["intake_id"].isin(list(files)) | intake["file_row"].isna()).sum())
    said = Message(
        "{table}: {n} rows do not say which file they came from; undo cannot reach them", {"table": table, "n": strays}
    )
    return Faults(tuple(grave), (said,) if strays else ())


def faults_of_layer(name: str, layer: pd.DataFrame) -> Faults:
    """Hold the attributes of a layer against its schema; its polygons are another matter."""
    layer = layer.reset_index(drop=True)
    said = [
        Message(
            "{table}: {column} {reason} in {n} rows",
            {"table": Message(name), "column": column, "reason": reason, "n": len(rows)},
        )
        for column, rows, reason in broken_in_columns(LAYERS[name], layer)
    ]
    return Faults(_missing(name, layer) + tuple(said))


def require_sound(records: Mapping[str, pd.DataFrame]) -> None:
    """Refuse tables with a row that breaks a rule of a column: what is counted of it would be wrong, and look right.

    Parameters
    ----------
    records
        As the store keeps them, by the name of their table.

    Raises
    ------
    WorkspaceError
        Of the first fault; a check tells all of them, and the rows.
    """
    for name, rows in records.items():
        for fault in faults_of_layer(name, rows).grave:
            raise WorkspaceError("{fault}; mend this before anything is counted (see: diemnong check)", fault=fault)


def _missing(name: str, rows: pd.DataFrame) -> tuple[Message, ...]:
    """Name the columns that a table lacks."""
    lacking = [column for column, rule in LAYERS[name].columns.items() if rule.required and column not in rows]
    values = ({"table": Message(name), "column": column} for column in lacking)
    return tuple(Message("{table}: the column {column} is missing", one) for one in values)


def faults_of_links(links: pd.DataFrame, cases: pd.Series) -> Faults:
    """Hold links against their schema and against the identifiers of the cases that are there."""
    faults = faults_of_layer("links", links)
    proposed = links["status"] == "proposed"
    there = cases[cases.isin(pd.concat([links["id_a"], links["id_b"]]))]  # few of them: links are held against these
    gone = ~(links["id_a"].isin(there) & links["id_b"].isin(there))
    unordered = ~(links["id_a"] < links["id_b"]) | links.duplicated(["id_a", "id_b"])
    if n := int(unordered.sum()):
        said = Message("links: {n} pairs stand twice, or not in the order of their identifiers", {"n": n})
        faults += Faults((said,))
    if n := int((gone & proposed).sum()):
        faults += Faults((Message("links: {n} proposed pairs are of cases that are not there", {"n": n}),))
    if n := int((gone & ~proposed).sum()):
        told = Message("links: {n} decisions are on cases that are not there (any more) and count nothing", {"n": n})
        faults += Faults(slight=(told,))
    return faults


def _origins(rows: pd.DataFrame, files: Mapping[str, str]) -> list[str]:
    """Return the file and row of each row, or how manieth it is in the table where it does not say."""
    origin = rows.reindex(columns=["intake_id", "file_sheet", "file_row"])
    return [
        f"{files[intake]}: {sheet + '!' if isinstance(sheet, str) and sheet else ''}{row}"
        if intake in files and not pd.isna(row)
        else f"#{number + 1}"
        for number, intake, sheet, row in origin.itertuples(name=None)
    ]
