"""What map and report of a publication say alike: ranges, banners, and the table of zones."""

from typing import Any

import pandas as pd

from geo.errors import Message
from maps.document import Column, Table, known
from maps.text import number, translate

SIMULATED = Message("SIMULATED DATA: nothing in these records happened")
WHOLE = "all"
"""What all zones together are called in the table of zones."""
PUBLIC = Message("PUBLIC: zones of communes, ranges instead of counts")


def banners(simulated: bool, lang: str) -> tuple[str, ...]:
    """Return what stands on top."""
    return tuple(translate(message, lang) for message in ((SIMULATED, PUBLIC) if simulated else (PUBLIC,)))


def zone_table(rows: pd.DataFrame, lang: str) -> Table:
    """Return zones as a table of ranges."""
    columns = (
        Column(translate(Message("Zone"), lang), 1.0),
        Column(translate(Message("Communes in it"), lang), 5.0),
        Column(translate(Message("Population"), lang), 1.4, 0),
        Column(translate(Message("Persons"), lang), 1.4),
        Column(translate(Message("Victims"), lang), 1.4),
        Column(translate(Message("Suspected absences"), lang), 1.6),
        Column(translate(Message("Per 10,000 a year"), lang), 1.6),
    )
    cells = tuple(
        (
            translate(Message("All zones"), lang) if row["zone"] == WHOLE else row["zone"],
            row["communes"],
            int(row["population"]),
            *(range_words(row, name, lang) for name in ("persons", "victims", "absences", "rate")),
        )
        for _, row in rows.iterrows()
    )
    return Table(translate(Message("Zones"), lang), columns, cells)


def range_words(row: "pd.Series[Any]", name: str, lang: str) -> str:
    """Return a figure's range in words, or that it is not shown.

    >>> range_words(pd.Series({"persons_low": 5, "persons_high": 14}), "persons", "en")
    '5–14'
    """
    low, high = known(row[f"{name}_low"]), known(row[f"{name}_high"])
    if low is None:
        return translate(Message("not shown"), lang)
    return f"{number(low, lang)}–{number(high, lang)}"
