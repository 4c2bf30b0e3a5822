"""The report of a publication: what was merged, left out and coarsened, why, and what a reader can still work out."""

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from geo.errors import Message
from maps.document import Bullets, Document, Section, Table, Text
from maps.publication_content import PublicContent
from maps.publication_words import banners, zone_table
from maps.text import translate


def report_document(content: PublicContent, lang: str) -> Document:
    """Return the report.

    Parameters
    ----------
    content
        See `maps.publication_content.PublicContent`.
    lang
        ``"vi"`` or ``"en"``.
    """
    values = {
        "title": content.title,
        "first": str(content.years[0]),
        "last": str(content.years[1]),
        "made_on": dt.date.fromisoformat(content.made_on),
    }
    lead = Message(
        "Persons recorded in the years {first} to {last}: victims in cases, and suspected absences. Published on "
        "{made_on}; the first and the last year may be recorded in part.",
        values,
    )
    return Document(
        title=translate(Message("{title}: what is published, and what is not", values), lang),
        lead=translate(lead, lang),
        banners=banners(content.simulated, lang),
        sections=tuple(_sections(content, lang)),
        lang=lang,
    )


def _sections(content: PublicContent, lang: str) -> Iterator[Section]:
    def section(title: Message, *lines: Message) -> Section:
        return Section(translate(title, lang), (Bullets(tuple(translate(line, lang) for line in lines)),))

    figures = 3 * (len(content.zones) + 1)
    yield Section(translate(Message("The figures"), lang), tuple(_figures(content, lang)))
    yield section(
        Message("What was merged"),
        Message(
            "{communes} communes are {zones} zones, all years together, so that each rests on {k} persons or more.",
            {"communes": content.communes, "zones": len(content.zones), "k": content.k},
        ),
        Message(
            "Which communes can come together is laid down by populations and neighbourhood alone, so that a zone "
            "tells only that one of its two halves was too small, not which."
        ),
    )
    yield section(
        Message("What is not shown"),
        Message(
            "{n} of {all} figures: of fewer than {k} persons, or such that one of those could be worked out with them. "
            "Which of both is not told.",
            {"n": content.not_shown, "all": figures, "k": content.k},
        ),
        Message(
            "Not published at all: ranks, expected figures, surfaces, months and days, and anything of a single "
            "commune with fewer than {k} persons.",
            {"k": content.k},
        ),
    )
    yield section(
        Message("What was coarsened"),
        Message("Counts are ranges of {width} numbers, from {k} on; rates are those of the ranges' ends.",
                {"width": 2 * content.k, "k": content.k}),
        Message("Colours of the map stand for the middles of ranges, never for counts."),
    )  # fmt: skip
    yield section(
        Message("Why"),
        Message("Each number stands for persons, many of them children: where few live, one case is recognised."),
        Message(
            "Whoever puts all figures of this folder together is left with at least {n} persons between the least and "
            "the most that any figure can be.",
            {"n": content.narrowest},
        ),
        Message(
            "Held against {n} earlier releases: no figure of a zone differs from an earlier one by fewer than {k} "
            "persons unless by none.",
            {"n": content.earlier, "k": content.k},
        ),
    )
    yield section(
        Message("Its limits"),
        Message("Recorded persons are no measure of risk: where nobody looks, nobody is recorded."),
        Message("Persons without a known commune are in no figure; one person may be both a victim and an absence."),
        Message(
            "Who knows some of the persons of a zone knows more of the others than these figures tell; who was told in "
            "confidence keeps it so."
        ),
    )


def _figures(content: PublicContent, lang: str) -> Iterator[Text | Table]:
    if content.approximate:
        approximate = Message("Approximate boundaries: do not measure distances or areas on this map")
        yield Text(translate(approximate, lang), "warning")
    yield zone_table(pd.concat([content.zones.drop(columns="geometry"), content.whole]), lang)
