"""The report of a run: rankings with reasons and intervals, what changed, what the data lack, what is forbidden."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geo.errors import Message
from maps.document import Bullets, Column, Document, Section, Table, Text, known
from maps.document_html import render_html
from maps.document_xlsx import write_report_workbook
from maps.drawing import Drawing
from maps.interval_figure import Interval, interval_figure
from maps.marks import mark_notes, marks_of
from maps.report_account import asked, data, model
from maps.report_changes import changed
from maps.report_content import ReportContent
from maps.report_overrides import decided
from maps.text import translate

FILES = ("report.html", "report.pdf", "report.xlsx")

TOP = 10
"""How many communes and sectors the tables show; the ranking's own files hold all."""
DRAWN = 15
"""How many communes the figure shows."""

SIMULATED = Message("SIMULATED DATA: nothing in these records happened")


def write_report(folder: Path, content: ReportContent) -> None:
    """Write `FILES` into a draft of `maps.release.released`."""
    from maps.document_pdf import write_pdf  # A quarter of a second that only PDFs need.

    document = run_report(content)
    (folder / "report.html").write_text(render_html(document), encoding="utf-8")
    write_pdf(folder / "report.pdf", document)
    write_report_workbook(folder / "report.xlsx", document)


def run_report(content: ReportContent) -> Document:
    """Return the report as a document in the content's language."""
    lang = content.lang
    values = {"title": content.title, "made_on": _day(content.made_on)}
    start, end = map(_day, content.period)
    title = Message("{title}: report on the risk of human trafficking", values)
    lead = Message(
        "Records from {start} to {end}, as of {made_on}; for office use", {"start": start, "end": end, **values}
    )
    if not content.effort_known:
        title = Message("{title}: report on recorded cases, not risk", values)
    return Document(
        title=translate(title, lang),
        lead=f"{translate(lead, lang)}. {content.stamp}",
        banners=(translate(SIMULATED, lang),) if content.simulated else (),
        sections=tuple(_sections(content)),
        lang=lang,
    )


def _sections(content: ReportContent) -> Iterator[Section]:
    lang, account = content.lang, content.account

    def section(title: Message, *parts: Text | Bullets | Table | Drawing) -> Section:
        return Section(translate(title, lang), parts)

    def listed(lines: tuple[Message, ...]) -> Bullets:
        return Bullets(tuple(translate(line, lang) for line in lines))

    yield section(Message("To know first"), *(Text(_sentence(note, lang), "warning") for note in account.notes))
    yield section(Message("Communes for outreach"), *_communes(content))
    yield section(Message("How to read the numbers"), _reading(content))
    yield section(Message("Sectors for patrols"), *_sectors(content))
    yield section(Message("What changed since the run before"), *changed(account.changes, TOP, lang))
    yield section(Message("What it must not be used for"), listed((*account.not_for, _SMALL_COUNTS)))
    yield section(Message("Its limits"), listed(account.limits))
    yield section(Message("Data and their gaps"), *data(content))
    yield section(Message("What was asked"), asked(account.asked, lang))
    yield section(Message("The model"), *model(content))


def _sentence(note: Message, lang: str) -> str:
    """Return a note as a paragraph of its own begins."""
    text = translate(note, lang)
    return text[:1].upper() + text[1:]


_SMALL_COUNTS = Message(
    "not for publication as it is: small counts by commune can give a person away; it is for office use"
)


def _communes(content: ReportContent) -> Iterator[Text | Table | Drawing]:
    lang = content.lang
    top = content.outreach.head(TOP)
    columns = (
        Column(translate(Message("Rank"), lang), 1.0, 0),
        Column(translate(Message("Commune"), lang), 2.2),
        Column(translate(Message("Expected a year"), lang), 1.1),
        Column(translate(Message("from (90 %)"), lang), 1.0),
        Column(translate(Message("to (90 %)"), lang), 1.0),
        Column(translate(Message("Chance to be in the top 10 %, %"), lang), 1.7, 0),
        Column(translate(Message("Why"), lang), 7.2),
    )
    rows = tuple(
        (row.rank, _called(row, lang), row.expected, row.lower, row.upper, 100 * row.p_top10, _why(row, lang))
        for row in top.itertuples()
    )
    values = {"n": len(top), "all": len(content.outreach)}
    yield _figure(content)
    yield Text(
        translate(Message("The first {n} of {all} communes; all of them are in ranking_outreach.xlsx.", values), lang)
    )
    yield Table(translate(Message("Communes, highest first"), lang), columns, rows)
    yield from decided(content.outreach, lang)


def _figure(content: ReportContent) -> Drawing:
    lang, drawn = content.lang, content.outreach.head(DRAWN)
    rows = [
        Interval(f"{row.rank}{marks_of(row) or '.'} {row.name}", row.expected, row.lower, row.upper, row.weak_data)
        for row in drawn.itertuples()
    ]
    caption = Message(
        "Dot: events expected a year; line: interval of 90 %; hollow dot: weak data. Where lines overlap much, the "
        "order may as well be the other way round."
    )
    told = Message("The first {n} communes with the events expected a year and their intervals", {"n": len(drawn)})
    axis = translate(Message("events expected a year"), lang)
    explained = " · ".join([translate(caption, lang), *mark_notes(drawn, lang)])
    return interval_figure(rows, axis, translate(told, lang), explained, lang)


def _reading(content: ReportContent) -> Bullets:
    first = content.outreach.iloc[0]
    even = Message(
        "The number expected is what would be recorded in a year if every place were watched alike: cases and "
        "suspected absences together. It is no count of crimes, and no promise."
    )
    as_before = Message(
        "The number expected is what would go on being recorded in a year: cases and suspected absences together. "
        "Nothing is corrected for where people looked, so a place where nobody looked stands low. It is no count of "
        "crimes, and no promise."
    )
    lines = [
        even if content.effort_known else as_before,
        Message(
            "Example: {name}, {expected} expected, interval {lower} to {upper}. If the model is right, the true rate "
            "lies between these two in 90 of 100 such statements, and outside in 10.",
            {name: first[name] for name in ("name", "expected", "lower", "upper")},
        ),
        Message(
            "When the intervals of two communes overlap much, do not choose between them by rank alone: look at the "
            "reasons, at what is known on the spot, and at the chance to be in the top 10 %."
        ),
        Message(
            "A wide interval means that little is known there, not that the risk is small. Such a commune needs asking "
            "and visiting before it is left out."
        ),
        Message(
            "Place unsure: if what is reported differed by half from commune to commune, the commune would enter or "
            "leave the first 10 % in more than a fifth of the cases."
        ),
        Message(
            "Weak data: the number comes mostly from the neighbours and from communes alike, hardly from the commune's "
            "own records."
        ),
    ]
    return Bullets(tuple(translate(line, content.lang) for line in lines))


def _sectors(content: ReportContent) -> Iterator[Text | Table]:
    lang, top = content.lang, content.patrol.head(TOP)
    if top.empty:
        yield Text(translate(Message("The workspace has no border sector."), lang))
        return
    columns = (
        Column(translate(Message("Rank"), lang), 1.0, 0),
        Column(translate(Message("Sector"), lang), 1.5),
        Column(translate(Message("Commune"), lang), 2.2),
        Column(translate(Message("Border with"), lang), 1.3),
        Column(translate(Message("Expected a year"), lang), 1.3),
        Column(translate(Message("from (90 %)"), lang), 1.0),
        Column(translate(Message("to (90 %)"), lang), 1.0),
        Column(translate(Message("Share of the border's flow, %"), lang), 1.5, 1),
        Column(translate(Message("Patrol hours in 12 months"), lang), 1.5, 0),
        Column(translate(Message("Why"), lang), 6.0),
    )
    rows = tuple(
        (
            row.rank,
            row.sector_id,
            known(row.commune),
            translate(_NEIGHBOURS[row.neighbour], lang),
            row.expected,
            row.lower,
            row.upper,
            100 * row.score,
            known(row.patrol_hours),
            _why(row, lang),
        )
        for row in top.itertuples()
    )
    values = {"n": len(top), "all": len(content.patrol)}
    yield Text(
        translate(Message("The first {n} of {all} sectors; all of them are in ranking_patrol.xlsx.", values), lang)
    )
    yield Table(translate(Message("Border sectors, highest first"), lang), columns, rows)
    even = Message(
        "Expected are the events of a year that lead across the sector, if every place were watched alike. The "
        "interval holds what is not known of the communes' risk and of the ways."
    )
    as_before = Message(
        "Expected are the events of a year that lead across the sector, as they would go on being recorded. The "
        "interval holds what is not known of the communes' rates and of the ways."
    )
    yield Text(translate(even if content.effort_known else as_before, lang), "note")


_NEIGHBOURS = {"LAO": Message("Laos"), "CHN": Message("China"), "KHM": Message("Cambodia")}


def _called(row: Any, lang: str) -> str:
    marks = [
        translate(mark, lang)
        for mark, holds in (
            (Message("moved by a planner"), isinstance(getattr(row, "override_reason", None), str)),
            (Message("place unsure"), getattr(row, "unstable", False)),
            (Message("weak data"), row.weak_data),
        )
        if holds
    ]
    return f"{row.name} ({', '.join(marks)})" if marks else str(row.name)


def _why(row: Any, lang: str) -> str:
    return "; ".join(translate(reason, lang) for reason in row.reasons)


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
