"""The parts of a report that account for it: the data and their gaps, what was asked, the model."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd

from geo.errors import Message
from maps.document import Bullets, Cell, Column, Table, Text
from maps.report_content import ReportContent
from maps.text import date, number, translate


def data(content: ReportContent) -> Iterator[Text | Bullets | Table]:
    """Return the rows by table, what was not counted and why, the efforts known, and where nothing is recorded."""
    account, lang = content.account, content.lang

    def column(heading: Message, width: float) -> Column:
        return Column(translate(heading, lang), width, 0)

    columns = (
        column(Message("Table"), 2.2),
        column(Message("Rows"), 1.2),
        column(Message("Counted"), 1.1),
        column(Message("Not counted: commune unknown"), 1.5),
        column(Message("Not counted: outside the period"), 1.5),
        column(Message("Not counted: confirmed repeats, cleared absences"), 2.2),
        column(Message("Simulated"), 1.3),
        column(Message("First month"), 1.45),
        column(Message("Last month"), 1.45),
        column(Message("Months with records, of {n}", {"n": account.months}), 1.6),
    )
    yield Table(
        translate(Message("Rows by table"), lang), columns, tuple(_row(row, lang) for row in account.rows.itertuples())
    )
    if len(account.efforts):
        efforts = (column(Message("Effort"), 4), column(Message("Rows"), 1), *columns[7:9])
        yield Table(
            translate(Message("Efforts that are known"), lang),
            efforts,
            tuple(
                (translate(row.name, lang), row.rows, _month(row.first, lang), _month(row.last, lang))
                for row in account.efforts.itertuples()
            ),
        )
    yield Bullets(tuple(translate(gap, lang) for gap in gaps(content.outreach)))


def gaps(outreach: pd.DataFrame) -> Iterator[Message]:
    """Say in how many communes nothing is recorded, nobody taught, and the data are weak."""
    every = len(outreach)
    silent = int(((outreach["cases"] + outreach["absences"]) == 0).sum())
    yield Message(
        "{n} of {all} communes have no recorded case or suspected absence: silence is not safety",
        {"n": silent, "all": every},
    )
    if "cases_reported" in outreach:
        yield Message(
            "Of {n} cases {reported} were reported, {patrol} found by patrols, {outreach} came from mailboxes of "
            "outreach. What patrols find depends on where they go, so the three are not to be read as one",
            {
                "n": int(outreach["cases"].sum()),
                "reported": int(outreach["cases_reported"].sum()),
                "patrol": int(outreach["cases_by_patrol"].sum()),
                "outreach": int(outreach["cases_by_outreach"].sum()),
            },
        )
    untaught = int((outreach["sessions"] == 0).sum())
    yield Message("{n} of {all} communes have no recorded outreach session", {"n": untaught, "all": every})
    weak = int(outreach["weak_data"].sum())
    yield Message("{n} of {all} communes have weak data", {"n": weak, "all": every})


def asked(settings: tuple[tuple[Message, object], ...], lang: str) -> Table:
    """Return what the run depends on."""
    columns = (Column(translate(Message("Setting"), lang), 2), Column(translate(Message("Value"), lang), 3))
    rows = tuple((translate(what, lang), _value(value, lang)) for what, value in settings)
    return Table(translate(Message("Settings of the run"), lang), columns, rows)


def model(content: ReportContent) -> Iterator[Text | Bullets]:
    """Return what must be known of the model."""
    corrected = Message(
        "The model estimates the risk behind what was recorded: what cases and suspected absences have in "
        "common, corrected for how hard each commune was looked at, and joined with what its neighbours and "
        "its surroundings tell. Where a commune has few records, it counts on the others more."
    )
    smoothed = Message(
        "The model evens out what was recorded: what cases and suspected absences have in common, joined with what a "
        "commune's neighbours and surroundings tell. It does not know where outreach was held, so it cannot tell risk "
        "from attention."
    )
    yield Text(translate(corrected if content.effort_known else smoothed, content.lang))
    yield Bullets(tuple(translate(line, content.lang) for line in content.account.model))


def _row(row: Any, lang: str) -> tuple[Cell, ...]:
    counts = (row.rows, row.counted, row.unplaced, row.outside, row.other, row.simulated)
    months = None if pd.isna(row.months) else int(row.months)
    numbers = (None if pd.isna(count) else int(count) for count in counts)
    return translate(Message(row.table), lang), *numbers, _month(row.first, lang), _month(row.last, lang), months


def _month(month: str | None, lang: str) -> str | None:
    """Return a month in the reader's form.

    >>> _month("2017-03", "vi"), _month("2017-03", "en")
    ('03/2017', '2017-03')
    """
    if month is None or pd.isna(month):
        return None
    return "/".join(reversed(month.split("-"))) if lang == "vi" else month


def _value(value: object, lang: str) -> str:
    match value:
        case Message():
            return translate(value, lang)
        case int() | float():
            return number(value, lang)
        case dt.date():
            return date(value, lang)
        case _:
            return str(value)
