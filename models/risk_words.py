"""What a risk model found, in words: why a commune stands where it stands, and what a reader must know of the fit."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import Message

STREAMS = {"cases": Message("cases"), "absences": Message("absences")}
EFFORTS = {
    "outreach": Message("outreach sessions (remembered for months)"),
    "mailboxes": Message("mailboxes in operation"),
    "clubs": Message("clubs in operation"),
    "patrols": Message("patrol hours"),
}
COVARIATES = {
    "border_km_laos": Message("length of the border with Laos"),
    "border_km_china": Message("length of the border with China"),
    "border_distance_km": Message("distance to the border"),
    "main_crossing_distance_km": Message("distance to the nearest main crossing"),
    "crossing_distance_km": Message("distance to the nearest crossing"),
    "population_per_km2": Message("population density"),
    "centre_distance_km": Message("distance to the centre of the province"),
}
"""What columns are called; one of the user's is called as the user named it."""

TELLING = 0.05
"""A part that changes the rate by less than this share is left out of the reasons."""
MOST_COVARIATES = 2
"""How many covariates are named in the reasons, those that change the rate most."""


def reasons(counts: Any, years: float, parts: pd.Series, *, effort_known: bool) -> tuple[Message, ...]:
    """Return why a commune's rate is what it is.

    Parameters
    ----------
    counts
        A row with ``cases``, ``absences``, ``sessions`` and ``population``.
    years
        Length of the period.
    parts
        The commune's row of `models.risk.RiskModel.contributions`.
    effort_known
        Whether the model corrects for effort.
    """
    covariates = parts.drop(["neighbours", "own", "effort"])
    first = covariates.abs().sort_values(ascending=False, kind="stable").index[:MOST_COVARIATES]
    effort = Message(
        "{population} people, {sessions} outreach sessions",
        {"population": counts.population, "sessions": counts.sessions},
    )
    said = (
        _recorded(counts, years),
        _noticed(parts["effort"]) if effort_known else None,
        _own(parts["own"]),
        _neighbours(parts["neighbours"]),
        *(_covariate(name, parts[name]) for name in first),
        effort,
    )
    return tuple(message for message in said if message is not None)


def flag_words(flags: Iterable[str]) -> list[Message]:
    """Return the flags of `models.risk.RiskModel` in words."""
    said = []
    for flag in flags:
        kind, _, name = flag.partition(": ")
        if kind == "dropped":
            said.append(Message("{name} tells nothing: it is the same everywhere", {"name": called(name)}))
        elif kind == "outlier":
            said.append(
                Message("{name} is more than 10,000 times the usual somewhere; is it a slip?", {"name": called(name)})
            )
        else:
            said.append(_FLAGS[kind])
    return said


_FLAGS = {
    "no effort": Message(
        "No effort is recorded: nothing is corrected for where people looked, so this ranks what was noticed"
    ),
    "effort not identified": Message(
        "The records do not tell how much some efforts notice; the band shows how far the numbers depend on it"
    ),
    "covariates missing": Message("Some communes lack a covariate and get its mean"),
    "collinear covariates": Message("Some covariates repeat what others tell; their parts cannot be told apart"),
    "rows missing": Message(
        "Months of some communes are missing; they are taken as not known, with the people as usual"
    ),
    "events of nobody": Message("Events were recorded where nobody is at risk; they count nowhere: correct the people"),
    "no event": Message("Nothing was recorded at all: the numbers are those of the priors"),
    "no neighbours": Message("No communes touch, so none borrows from its neighbours"),
    "by province": Message(
        "Each district (since July 2025: province) was fitted by itself, with what all others tell of it; across its "
        "bounds communes do not borrow from their neighbours"
    ),
}


def noticing_words(noticing: pd.DataFrame) -> list[Message]:
    """Return what was learned of each effort, by stream (`models.risk.RiskModel.noticing_`)."""
    return [_learned(row) if row.moved else _not_learned(row) for row in noticing.itertuples()]


def called(name: str) -> Message | str:
    """Return what a column of effort or a covariate is called."""
    return EFFORTS.get(name) or COVARIATES.get(name) or _USUAL.get(name) or name


_USUAL = {"elevation": Message("elevation"), "slope": Message("slope"), "night_lights": Message("night lights")}
"""Names that users are likely to give covariates of their own."""


def together(parts: Iterable[Message | str]) -> Message | str:
    """Return several messages as one."""
    return reduce(lambda first, then: Message("{first}; {then}", {"first": first, "then": then}), parts)


def _learned(row: Any) -> Message:
    return Message(
        "{stream}: {effort} bring about {share} % of the attention (90 %: {lower} to {upper} %)", _shares(row)
    )


def _not_learned(row: Any) -> Message:
    return Message(
        "{stream}: the records do not tell what {effort} bring; assumed about {share} % of the attention "
        "({lower} to {upper} %)",
        _shares(row),
    )


def _shares(row: Any) -> dict[str, object]:
    values = {name: round(100 * getattr(row, name)) for name in ("share", "lower", "upper")}
    return {"stream": STREAMS.get(row.stream, row.stream), "effort": called(row.effort), **values}


def _recorded(counts: Any, years: float) -> Message:
    if counts.cases + counts.absences == 0:
        return Message("nothing recorded in {years} years: silence is not safety", {"years": years})
    return Message(
        "{cases} cases and {absences} suspected absences in {years} years",
        {"cases": counts.cases, "absences": counts.absences, "years": years},
    )


def _noticed(part: float) -> Message | None:
    """Say how much was noticed against even effort; the part raises the rate by what was not."""
    share = np.exp(-part) - 1
    if abs(share) < TELLING:
        return None
    if share > 0:
        return Message("{percent} % more is noticed here than even effort would notice", _percent(share))
    return Message("{percent} % less is noticed here than even effort would notice", _percent(share))


def _own(part: float) -> Message | None:
    share = np.exp(part) - 1
    if abs(share) < TELLING:
        return None
    if share > 0:
        return Message("its own records: rate {percent} % higher", _percent(share))
    return Message("its own records: rate {percent} % lower", _percent(share))


def _neighbours(part: float) -> Message | None:
    share = np.exp(part) - 1
    if abs(share) < TELLING:
        return None
    if share > 0:
        return Message("what it shares with its neighbours: rate {percent} % higher", _percent(share))
    return Message("what it shares with its neighbours: rate {percent} % lower", _percent(share))


def _covariate(name: str, part: float) -> Message | None:
    share = np.exp(part) - 1
    if abs(share) < TELLING:
        return None
    values = {"name": called(name), **_percent(share)}
    if share > 0:
        return Message("{name}: rate {percent} % higher", values)
    return Message("{name}: rate {percent} % lower", values)


def _percent(share: float) -> dict[str, object]:
    return {"percent": round(100 * abs(share))}
