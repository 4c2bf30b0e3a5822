"""The audit of a workspace in words: whether effort runs after its records, whom it passes over, whom errors hit."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message
from maps.document import Bullets, Cell, Column, Document, Section, Table, Text, known
from maps.document_html import render_html
from maps.document_xlsx import write_report_workbook
from maps.tables import write_csv
from maps.text import LANGUAGES, translate

FILES = (
    *(f"audit_{lang}.{ending}" for lang in LANGUAGES for ending in ("html", "pdf", "xlsx")),
    "audit_communes.csv", "audit_kinds.csv",
)  # fmt: skip

SIMULATED = Message("SIMULATED DATA: nothing in these records happened")

KINDS = {
    "remoteness": Message("Distance from the centre"),
    "population": Message("People at risk"),
    "border": Message("On the border"),
    "data": Message("Weight of own data"),
}
GROUPS = {
    "low": Message("low third"),
    "middle": Message("middle third"),
    "high": Message("high third"),
    "yes": Message("yes"),
    "no": Message("no"),
}
MEASURES = {
    "hit_rate": Message("hits in the first 10 %"),
    "calibration": Message("recorded / forecast"),
    "effort": Message("sessions per event expected"),
}
VERDICTS = {
    "alike": Message("alike"),
    "outside": Message("OUTSIDE 0.8 to 1.25"),
    "perhaps chance": Message("outside 0.8 to 1.25, perhaps by chance"),
    "cannot be told": Message("cannot be told"),
}


@dataclass(frozen=True)
class AuditContent:
    """What an audit found, in words and tables.

    Attributes
    ----------
    title, made_on, period, simulated
        See `maps.outputs.RunContent`.
    findings
        What to know of each part, by ``feedback``, ``effort``, ``exploration``, ``kinds``, ``reporting`` and, if a
        table was given, ``proxy``.
    communes
        A row a commune: ``commune_code``, ``name``, ``rank``, ``expected``, ``flips``, ``unstable``, ``sessions``,
        ``months``, ``last``, ``agencies``, ``patrol_hours``, ``never``, ``least_known``.
    kinds
        See `models.errors_by_kind.by_kind`.
    proxies
        ``column``, ``communes``, ``r2``, ``lower``, ``upper``, ``chance``; None where no table was given.
    """

    title: str
    made_on: str
    period: tuple[str, str]
    simulated: bool
    findings: Mapping[str, tuple[Message, ...]]
    communes: pd.DataFrame
    kinds: pd.DataFrame
    proxies: pd.DataFrame | None


def write_audit(folder: Path, content: AuditContent) -> None:
    """Write `FILES` into a draft of `maps.release.released`."""
    from maps.document_pdf import write_pdf  # A quarter of a second that only PDFs need.

    for lang in LANGUAGES:
        document = audit_document(content, lang)
        (folder / f"audit_{lang}.html").write_text(render_html(document), encoding="utf-8")
        write_pdf(folder / f"audit_{lang}.pdf", document)
        write_report_workbook(folder / f"audit_{lang}.xlsx", document)
    kind = "simulated" if content.simulated else "recorded"
    write_csv(folder / "audit_communes.csv", content.communes.assign(data_kind=kind))
    write_csv(folder / "audit_kinds.csv", content.kinds.assign(data_kind=kind))


def audit_document(content: AuditContent, lang: str) -> Document:
    """Return the audit as a document in a language."""
    start, end, made_on = map(dt.date.fromisoformat, (*content.period, content.made_on))
    title = Message("{title}: audit of effort, forecasts and ranks", {"title": content.title})
    lead = Message(
        "Records from {start} to {end}, as of {made_on}; for office use",
        {"start": start, "end": end, "made_on": made_on},
    )
    return Document(
        title=translate(title, lang),
        lead=translate(lead, lang),
        banners=(translate(SIMULATED, lang),) if content.simulated else (),
        sections=tuple(_sections(content, lang)),
        lang=lang,
    )


def _sections(content: AuditContent, lang: str) -> Iterator[Section]:
    def section(title: Message, part: str, *more: Text | Table) -> Section:
        said = Bullets(tuple(translate(line, lang) for line in content.findings[part]))
        return Section(translate(title, lang), (said, *more))

    yield section(Message("Does effort run after its own records?"), "feedback")
    yield section(Message("Where effort went"), "effort", _effort(content.communes, lang))
    yield section(Message("Does anybody look where little is known?"), "exploration")
    yield section(Message("Errors by kind of commune"), "kinds", _kinds(content.kinds, lang))
    yield section(Message("Does the ranking hang on who reports?"), "reporting", _unstable(content.communes, lang))
    if content.proxies is not None:
        yield section(Message("Does the ranking stand for something else?"), "proxy", _proxies(content.proxies, lang))
    yield Section(translate(Message("What an audit cannot see"), lang), (Text(translate(_LIMITS, lang)),))


_LIMITS = Message(
    "It compares what was recorded with what was forecast and with where people looked. What nobody ever noticed is in "
    "none of these numbers, and with few events the intervals are wide: a verdict that is missing is no acquittal."
)


def _table(title: Message, columns: tuple[tuple[Message, float, int | None], ...], rows: Any, lang: str) -> Table:
    headings = tuple(Column(translate(heading, lang), width, digits) for heading, width, digits in columns)
    return Table(translate(title, lang), headings, tuple(rows))


def _effort(communes: pd.DataFrame, lang: str) -> Table:
    columns = (
        (Message("Commune"), 2.2, None), (Message("Rank"), 0.8, 0), (Message("Sessions"), 1.0, 0),
        (Message("Months with a session"), 1.2, 0), (Message("Last month"), 1.2, None), (Message("Agencies"), 1.0, 0),
        (Message("Patrol hours"), 1.2, 0), (Message("Little known"), 1.0, None),
    )  # fmt: skip
    yes = translate(GROUPS["yes"], lang)
    rows = (
        (
            row.name,
            row.rank,
            row.sessions,
            row.months,
            _month(row.last, lang),
            row.agencies,
            known(row.patrol_hours),
            yes if row.least_known else "",
        )
        for row in communes.sort_values(["sessions", "rank"]).itertuples()
    )
    return _table(Message("Effort by commune, least first"), columns, rows, lang)


def _kinds(kinds: pd.DataFrame, lang: str) -> Table:
    columns = (
        (Message("Kind"), 2.0, None), (Message("Group"), 1.2, None), (Message("Communes"), 1.0, 0),
        (Message("Events"), 0.9, 0), (Message("Measure"), 2.2, None), (Message("Value"), 0.9, 2),
        (Message("Ratio to all"), 0.9, 2), (Message("from (90 %)"), 0.9, 2), (Message("to (90 %)"), 0.9, 2),
        (Message("Verdict"), 2.2, None),
    )  # fmt: skip
    rows = (
        (
            translate(KINDS[row.kind], lang),
            translate(GROUPS[row.group], lang),
            row.units,
            row.events,
            translate(MEASURES[row.measure], lang),
            *(known(value) for value in (row.value, row.ratio, row.lower, row.upper)),
            translate(VERDICTS[row.verdict], lang),
        )
        for row in kinds.itertuples()
    )
    return _table(Message("Groups against all communes"), columns, rows, lang)


def _unstable(communes: pd.DataFrame, lang: str) -> Table:
    columns = (
        (Message("Commune"), 2.2, None), (Message("Rank"), 0.8, 0), (Message("Expected a year"), 1.2, None),
        (Message("Place flips, %"), 1.2, 1), (Message("Verdict"), 1.6, None),
    )  # fmt: skip
    unsure = translate(Message("place unsure"), lang)
    rows = (
        (row.name, row.rank, row.expected, 100 * row.flips, unsure if row.unstable else "")
        for row in communes[communes["flips"] > 0].sort_values("flips", ascending=False).itertuples()
    )
    return _table(Message("Places in the top 10 %"), columns, rows, lang)


def _proxies(proxies: pd.DataFrame, lang: str) -> Table:
    columns = (
        (Message("Column"), 2.2, None), (Message("Communes"), 1.0, 0), (Message("R²"), 0.9, 2),
        (Message("from (90 %)"), 0.9, 2), (Message("to (90 %)"), 0.9, 2), (Message("by chance up to"), 1.2, 2),
    )  # fmt: skip
    rows: Iterator[tuple[Cell, ...]] = (
        (row.column, row.communes, row.r2, row.lower, row.upper, row.chance) for row in proxies.itertuples()
    )
    return _table(Message("Shares told by the ranking"), columns, rows, lang)


def _month(month: str | None, lang: str) -> str | None:
    if month is None or pd.isna(month):
        return None
    return "/".join(reversed(month.split("-"))) if lang == "vi" else month
