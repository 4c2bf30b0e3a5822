"""Whether outreach or a service changed what is recorded, and whether these records could show it."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pandas as pd

from geo.errors import Message, PlanError
from geo.intake.rules import in_words
from geo.panel import Panel
from geo.schema import SERVICE_KINDS
from geo.workspace import Workspace
from maps.plans import Sheet
from models.effects import Effect, estimate_effect
from models.power import ENOUGH, survey_size
from workflow.analysis import count, not_counted
from workflow.layers import read_layers
from workflow.manifest import plain_rows
from workflow.planning import SIMULATED, Planned, keep
from workflow.steps import Tell, silent

TREATMENTS = ("outreach", *SERVICE_KINDS)
OUTCOMES = {"cases": ("cases",), "absences": ("absences",), "both": ("cases", "absences")}
SURVEY = (0.3, 0.45)
"""Shares of people who know where to turn to, before and after: an example of what a survey could show."""

VERDICTS = {
    "effective": Message("effective"),
    "less than the threshold": Message("less than the threshold"),
    "no verdict": Message("no verdict"),
}


class Length(StrEnum):
    """Of the periods that are compared."""

    month = "M"
    quarter = "Q"
    year = "Y"


def effects_of(
    workspace: Workspace,
    treatment: str = "outreach",
    outcome: str = "both",
    *,
    length: Length = Length.quarter,
    threshold_fall: float = 0.5,
    out: Path | None = None,
    seed: int | None = None,
    tell: Tell = silent,
    now: datetime | None = None,
) -> Planned:
    """Compare what was recorded before and after communes got a treatment, and write the comparison.

    A commune begins in the period of its first session or service, and counts as treated from it on.

    Parameters
    ----------
    workspace
        Where the records are.
    treatment
        ``"outreach"`` or a kind of service (`geo.schema.SERVICE_KINDS`).
    outcome
        ``"cases"``, ``"absences"`` or ``"both"``.
    length
        Of the periods.
    threshold_fall
        The fall that was named beforehand as worth having.
    out, tell, now
        See `workflow.planning`.
    seed
        Of the randomisation; by default the workspace's.

    Raises
    ------
    PlanError
        If nothing can be compared.
    WorkspaceError
        If there is no case and no absence.
    ReleaseError
        If the files cannot be written; nothing is then left behind.
    """
    layers, settings = read_layers(workspace), workspace.settings
    tell(Message("Joining records to communes"), 0, 2)
    panel = count(layers, settings)
    begins, undated = _begins(panel, treatment)
    codes = pd.Index(layers.communes["commune_code"]).difference(undated, sort=False)
    counts = _counts(panel, list(OUTCOMES[outcome]), length).loc[codes]
    starts = begins.reindex(codes).astype(pd.PeriodDtype("M")).dt.asfreq(length.value)
    seed = settings.seed if seed is None else seed
    tell(Message("Comparing the counts, and asking what they could show"), 1, 2)
    effect = estimate_effect(counts, starts, threshold_fall=threshold_fall, random_state=seed)
    simulated = any((rows["data_kind"] == "simulated").any() for rows in layers.records.values() if "data_kind" in rows)
    names = layers.communes.set_index("commune_code")["name"]
    sheets = [Sheet("effects", _told(effect)), Sheet("effects_communes", _by_commune(counts, starts, names))]
    if len(effect.placebos):
        sheets.append(Sheet("effects_placebos", effect.placebos))
    messages = (
        *([SIMULATED] if simulated else []),
        *not_counted(panel.placement),
        *([_left_out(undated, names)] if len(undated) else []),
        Message("Compared: {treatment}", {"treatment": in_words(treatment)}),
        *_messages(effect, starts, counts),
    )
    tables = {name: plain_rows(table) for name, table in sheets}
    found = Planned(Path(), (), simulated, tables, messages)
    asked = {
        "of": treatment,
        "outcome": outcome,
        "period": length.name,
        "threshold_fall": threshold_fall,
        "seed": seed,
    }
    return keep(workspace, "effects", asked, sheets, found, layers=layers, out=out, now=now)


def _begins(panel: Panel, treatment: str) -> tuple[pd.Series, pd.Index]:
    """Return the month in which each commune began, and the communes of which that is not known."""
    if treatment not in TREATMENTS:
        raise PlanError("What had an effect is one of {known}; got {name}", known=", ".join(TREATMENTS), name=treatment)
    table = "outreach" if treatment == "outreach" else "services"
    rows = panel.placed.get(table, pd.DataFrame(columns=["commune_code", "month", "since", "kind"]))
    rows = rows[rows["commune_code"].notna()]
    if table == "services":
        rows = rows[rows["kind"] == treatment]
        rows = rows.assign(month=pd.to_datetime(rows["since"]).dt.to_period("M"))
    if rows.empty:
        raise PlanError(
            "No {treatment} is recorded in a commune, so nothing can be compared; add it: diemnong add {table} FILE",
            treatment=treatment,
            table=table,
        )
    undated = pd.Index(rows.loc[rows["month"].isna(), "commune_code"].unique())
    begins: pd.Series = rows[~rows["commune_code"].isin(undated)].groupby("commune_code")["month"].min()
    return begins, undated


def _counts(panel: Panel, streams: list[str], length: Length) -> pd.DataFrame:
    """Return the events, rows by commune code, columns the periods in order."""
    events = panel.table[streams].sum(axis=1).unstack("month")
    periods = pd.PeriodIndex(events.columns).asfreq(length.value)
    return events.T.groupby(periods).sum().T


def _told(effect: Effect) -> pd.DataFrame:
    row = {
        "ratio": effect.ratio,
        "lower": effect.lower,
        "upper": effect.upper,
        "p_value": effect.p_value,
        "dispersion": effect.dispersion,
        "power": effect.power,
        "detectable_fall": effect.detectable_fall,
        "verdict": effect.verdict,
        "reasons": effect.reasons,
    }
    return pd.DataFrame([row])


def _by_commune(counts: pd.DataFrame, starts: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Return what was counted in each commune before and with the treatment."""
    rows = []
    for code, start in starts.items():
        treated = counts.columns >= start if not pd.isna(start) else counts.columns < counts.columns[0]
        events = counts.loc[code].to_numpy()
        begun = "" if pd.isna(start) else str(start)
        without, given = (~treated, treated)
        rows.append((code, names[code], begun, without.sum(), events[without].sum(), given.sum(), events[given].sum()))
    columns = ["commune_code", "name", "start", "periods_without", "events_without", "periods_with", "events_with"]
    return pd.DataFrame(rows, columns=columns)


def _left_out(undated: pd.Index, names: pd.Series) -> Message:
    told = {"names": ", ".join(names.reindex(undated).dropna())}
    return Message("Left out, because the day on which it began is not known: {names}", told)


def _messages(effect: Effect, starts: pd.Series, counts: pd.DataFrame) -> list[Message]:
    begun = starts.notna() & (starts <= counts.columns[-1])
    said = [
        Message(
            "{events} events in {communes} communes, of which {begun} began by {end}",
            {
                "events": int(counts.to_numpy().sum()),
                "communes": len(counts),
                "begun": int(begun.sum()),
                "end": counts.columns[-1],
            },
        ),
        Message("Verdict: {verdict}", {"verdict": VERDICTS[effect.verdict]}),
        *effect.reasons,
        Message(
            "p = {p} by randomisation: exact if the starts were drawn by lot, else as good as communes are alike",
            {"p": effect.p_value},
        ),
    ]
    if effect.power < ENOUGH:
        before, after = SURVEY
        values = {"before": 100 * before, "after": 100 * after, "n": survey_size(before, after)}
        said.append(
            Message(
                "What could be shown instead: verified absences, mailbox use, time to referral, and what people know; "
                "a rise from {before} % to {after} % takes {n} people asked in each of two surveys",
                values,
            )
        )
    return said
