"""Rows in, rows out: each is accepted (repaired, if need be) or rejected, with column and reason; none is lost."""

from collections.abc import Collection
from dataclasses import replace

import pandas as pd
import shapely

from geo import boundaries
from geo.errors import IntakeError, Message
from geo.intake.counted_twice import reject_within_file
from geo.intake.identity import AGENCY_COLUMN, shared_by_offices, with_offices
from geo.intake.mends import band_of, likely
from geo.intake.numbers import read_numbers
from geo.intake.outcome import Intake
from geo.intake.personal import cells_of_origin, is_amount, is_free_text, personal_cells, personal_numbers
from geo.intake.persons import REMOVED, Persons, persons
from geo.intake.place_cells import IN_PARTS, in_parts
from geo.intake.reading import RawTable
from geo.intake.rules import Broken, allowed_values, broken_between_columns, broken_in_columns, in_words, listed, word
from geo.intake.swapped_days import MAY_BE_SWAPPED, swapped
from geo.intake.title_years import DATES_OF_ROWS, told, with_years
from geo.intake.values import kind_of, parse_column, read_coordinates
from geo.intake.vocabulary import office_in, values, words_of
from geo.places import restore_zeros
from geo.schema import TABLES, dtype_of, key_of

COORDINATES = ("lon", "lat")

_SEVERAL_CASES = Message("is not 1: write each case in a row of its own, with its own victims")

BESIDE = {
    ("cases", "date"): "date_precision",
    ("absences", "reported_on"): "date_precision",
    ("outreach", "date"): "date_precision",
    ("outreach", "attendees"): "attendees_bound",
}
"""Columns that are found in the cells of others: how precise a date is, how a number was stated."""


def accept(
    raw: RawTable,
    table: str,
    *,
    today: pd.Timestamp,
    agency: str | None = None,
    province: shapely.Geometry | None = None,
    metric: str | None = None,
    known: Persons | None = None,
    codes: Collection[str] | None = None,
) -> Intake:
    """Read text cells as a table of `geo.schema.TABLES` and keep what obeys its rules.

    Rows that bring no identifier have none yet: once their places are known, `Intake.identify` makes them.

    Parameters
    ----------
    raw
        The file's cells.
    table
        Name of the table.
    today
        Dates after this day are rejected.
    agency
        Whose records they are, where the file has no column for that; by default the agency in its titles.
    province
        Where records lie, EPSG:4326: coordinates may then be angles, exchanged, or metres (`read_coordinates`). Without
        it they are plain degrees.
    metric
        The CRS of coordinates in metres, if the user names one.
    known
        What finds persons in texts; by default one that knows the places of the province.
    codes
        Of communes, to which leading zeros are given back; by default those of the province.

    Raises
    ------
    IntakeError
        If a required column is missing.
    """
    schema = TABLES[table]
    whole, of_parts = in_parts(raw.cells)
    raw = replace(raw, cells=whole)
    cells = _completed(raw, table, agency)
    wanted = [name for name in schema.columns if name in cells]
    intake = Intake(table, pd.DataFrame(index=cells.index), raw, persons=known or persons())
    intake.repair(of_parts, "commune", IN_PARTS)
    intake.reject(raw.ragged, "", Message("has more cells than there are headings"))
    if "lon" in schema.columns:
        for row, reason in raw.refused.items():
            intake.reject([row], "lon", reason)
    paired = province is not None and set(COORDINATES) <= set(schema.columns) and not set(COORDINATES).isdisjoint(cells)
    for name in wanted:
        if not (paired and name in COORDINATES):
            _read_column(intake, cells[name], name, dtype_of(schema, name), today, codes)
    if paired:
        _read_places(intake, cells.reindex(columns=list(COORDINATES)), province, metric)
    intake.typed = intake.typed[[name for name in schema.columns if name in intake.typed]]
    _keep_identifiers(intake)
    for name, rows, message in _broken(intake):
        for row in rows:
            intake.reject([row], name, message, likely(cells.get(name, {}).get(row), schema.columns[name]))
    for name, rows, message in broken_between_columns(intake.accepted, today):
        intake.reject(rows, name, message)
    if "events" in raw.cells:
        events = read_numbers(raw.cells["events"], "count").values
        intake.reject(events.index[events.isna() | (events != 1)], "events", _SEVERAL_CASES)
    reject_within_file(intake)
    return intake


def _completed(raw: RawTable, table: str, agency: str | None) -> pd.DataFrame:
    """Return the cells with the agency filled in; check that all required columns are there."""
    schema, cells = TABLES[table], raw.cells
    whose, agency = AGENCY_COLUMN.get(table), agency or raw.agency
    if whose and whose not in cells and agency:
        cells = cells.assign(**{whose: agency})
    optional = {key_of(table)}
    missing = [n for n, column in schema.columns.items() if column.required and n not in cells and n not in optional]
    if missing:
        mend = Message("name a column with --column {first}=HEADING", {"first": missing[0]})
        if whose in missing:
            mend = Message("{mend}, or the agency with --agency", {"mend": mend})
        values: dict[str, object] = {
            "file": raw.path.name,
            "table": word(table),
            "missing": listed(map(word, missing)),
            # Only names that we know: the first row of a file without a heading is a person's row.
            "found": listed(word(name) for name in schema.columns if name in cells),
            "mend": mend,
        }
        if raw.personal:
            raise IntakeError(
                "{file}: the table {table} needs the columns {missing}; of its columns the file has: {found}; columns "
                "with personal data are not read: {dropped}; {mend}",
                dropped=", ".join(raw.personal),
                **values,
            )
        raise IntakeError(
            "{file}: the table {table} needs the columns {missing}; of its columns the file has: {found}; {mend}",
            **values,
        )
    return cells


def _read_column(
    intake: Intake, text: pd.Series, name: str, dtype: str, today: pd.Timestamp, codes: Collection[str] | None
) -> None:
    """Add a typed column, with what could not be read, what was changed in reading, and what was found beside it."""
    if dtype == "str":
        text = _in_our_words(intake, text, name)
        if is_free_text(intake.table, name):
            text = _without_persons(intake, text, name)
    if is_amount(name, dtype):
        numbers = personal_numbers(text)
        intake.reject(text.index[numbers], name, Message("is like a telephone or identity-card number"))
        text = text.mask(numbers, None)  # not to be read: what is repaired in a number is told with it
    if name == "commune_code":
        text = _with_leading_zero(intake, text, boundaries.known_codes() if codes is None else codes)
    of_title = text.index[:0]
    if name in DATES_OF_ROWS:
        text, of_title = with_years(text, intake.raw.year_of_rows, today=today)
        intake.raw.cells.loc[of_title, name] = text[of_title]  # a fix list bears no title
    parsed = parse_column(text, kind_of(name, dtype), today=today)
    intake.typed[name] = parsed.values
    _tell(intake, name, parsed.bad, told(parsed.repaired, of_title))
    if dtype.startswith("datetime") and any(intake.raw.date_cells):
        _reject_swapped(intake, text, name)
    beside = BESIDE.get((intake.table, name))
    if beside and beside not in intake.raw.cells:
        for column in parsed.beside.values():
            said = column.mask(column == "day")
            if said.notna().any():
                intake.typed[beside] = said


def _reject_swapped(intake: Intake, text: pd.Series, name: str) -> None:
    sheets = intake.raw.sheet_of_rows
    for number, date_cells in enumerate(intake.raw.date_cells):
        cells = text[sheets == number]
        for row, day in swapped(cells, cells.isin(list(date_cells))).items():
            intake.reject([row], name, MAY_BE_SWAPPED, day)


def _read_places(intake: Intake, cells: pd.DataFrame, province: shapely.Geometry, metric: str | None) -> None:
    read = read_coordinates(cells["lon"], cells["lat"], province, metric_crs=metric)
    intake.typed["lon"], intake.typed["lat"] = read.lon, read.lat
    _tell(intake, "lon", read.bad, read.repaired)


def _tell(intake: Intake, name: str, bad: pd.Series, repaired: pd.Series) -> None:
    """Reject and repair rows by messages that many of them share."""
    for messages, tell in ((bad, intake.reject), (repaired, intake.repair)):
        for _, rows in messages.groupby(messages.map(id).to_numpy(), sort=False):
            tell(rows.index, name, rows.iloc[0])


def _with_leading_zero(intake: Intake, text: pd.Series, codes: Collection[str]) -> pd.Series:
    """Give codes the zero back that a spreadsheet took from them."""
    restored = restore_zeros(text, codes)
    intake.repair(text.index[text.notna() & (restored != text)], "commune_code", Message("got its leading zero back"))
    return restored


def _in_our_words(intake: Intake, text: pd.Series, name: str) -> pd.Series:
    """Return allowed values in the schema's spelling; what is unknown stays as it is."""
    column = TABLES[intake.table].columns[name]
    if not allowed_values(column):
        return text
    known = {cell: values(name).get(words_of(cell)) for cell in text.dropna().unique()}
    others = [cell for cell, value in known.items() if value is None and cell not in allowed_values(column)]
    if name == "age_band":
        found = {cell: band_of(cell) for cell in others}
    else:
        found = {cell: office_in(name, cell) for cell in others} if name in AGENCY_COLUMN.values() else {}
    for value in sorted({value for value in found.values() if value}):
        cells = [cell for cell, its in found.items() if its == value]
        intake.repair(text.index[text.isin(cells)], name, Message("read as {name}", {"name": in_words(value)}))
    return text.map({cell: value or found.get(cell) or cell for cell, value in known.items()})


def _without_persons(intake: Intake, text: pd.Series, name: str) -> pd.Series:
    held, of_origin = personal_cells(text, intake.persons), cells_of_origin(text)
    intake.repair(text.index[held], name, Message("looked like a person's name or number and was removed"))
    intake.repair(text.index[of_origin & ~held], name, Message("said an ethnicity or a religion and was removed"))
    held |= of_origin
    intake.raw.cells.loc[held, name] = None
    return text.mask(held | (text == REMOVED), None)


def _keep_identifiers(intake: Intake) -> None:
    """Keep the identifiers that rows bring, without one that may be a person's name or number."""
    key = key_of(intake.table)
    if key not in intake.typed:
        intake.typed.insert(0, key, pd.Series(pd.NA, index=intake.typed.index, dtype="str"))
        intake.anonymous = frozenset(intake.typed.index)
        return
    given = intake.typed[key]
    held = personal_cells(given, intake.persons)
    said = Message("looked like a person's name or number: one that is made of the row's content took its place")
    intake.repair(given.index[held], key, said)
    held |= given == REMOVED
    intake.typed[key] = given.mask(held)
    intake.anonymous = frozenset(given.index[held])
    if (shared := shared_by_offices(intake.typed, intake.table)).any():
        intake.typed[key] = intake.typed[key].mask(shared, with_offices(intake.typed, intake.table))


def _broken(intake: Intake) -> list[Broken]:
    """Return what breaks the rules of single columns; an identifier that is still to be made breaks none."""
    schema, rows, key = TABLES[intake.table], intake.accepted, key_of(intake.table)
    named = rows.loc[~rows.index.isin(list(intake.anonymous)), [key]]
    return broken_in_columns(schema, named) + broken_in_columns(schema, rows.drop(columns=key))
