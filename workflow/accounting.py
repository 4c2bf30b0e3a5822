"""What a run says of itself: what was asked, which rows counted, which efforts are known, what the model learned."""

from datetime import date

import pandas as pd

from geo.errors import Message
from geo.panel import SUSPECTED
from geo.workspace import Settings
from maps.report_content import Account, Changes
from models.model_card import NOT_FOR, ModelCard, limits
from models.risk_words import STREAMS, called, noticing_words, together
from workflow.analysis import Analysis
from workflow.layers import Layers
from workflow.promoting import card_scores

DATES = ("date", "reported_on")
"""The column that dates a table's rows."""


def account_of(
    layers: Layers,
    analysis: Analysis,
    settings: Settings,
    card: ModelCard | None,
    notes: tuple[Message, ...],
    changes: Changes | None,
    data_kind: str,
) -> Account:
    """Return what a run says of itself.

    Parameters
    ----------
    layers, analysis, settings
        What was given, found and asked.
    card
        Of the model in use, if one is.
    notes, changes, data_kind
        See `maps.report_content.Account`; ``"simulated"`` or ``"recorded"``.
    """
    return Account(
        asked=_asked(settings, analysis, card.model_id if card else None),
        rows=rows_by_table(layers, analysis),
        months=len(analysis.panel.months),
        efforts=_efforts(analysis.inputs.effort.sources),
        notes=notes,
        model=(*_from_card(card), *noticing_words(analysis.model.noticing_)),
        limits=tuple(limits(analysis.model.flags_, data_kind)),
        not_for=NOT_FOR,
        changes=changes,
    )


def rows_by_table(layers: Layers, analysis: Analysis) -> pd.DataFrame:
    """Return the rows of `maps.report_content.Account`: of each table, how many rows counted, and why others did not.

    ``counted + unplaced + outside + other`` are the ``rows`` of a table that is counted by commune; of others only
    the rows and their months are told.
    """
    return pd.DataFrame(
        [_table(name, rows, analysis) for name, rows in layers.records.items() if len(rows)],
        columns=[
            "table", "rows", "counted", "unplaced", "outside", "other", "simulated", "first", "last", "months",
        ],
    )  # fmt: skip


def _table(name: str, rows: pd.DataFrame, analysis: Analysis) -> dict[str, object]:
    panel, months = analysis.panel, analysis.panel.months
    told: dict[str, object] = {
        "table": name,
        "rows": len(rows),
        "simulated": int((rows["data_kind"] == "simulated").sum()) if "data_kind" in rows else 0,
        **_covered(rows, months),
    }
    if name not in panel.placed:
        return told
    placed = panel.placed[name]
    outside = placed["month"].notna() & ~placed["month"].between(months[0], months[-1])
    nowhere = ~placed["commune_code"].isin(panel.table.index.unique("commune_code")) & ~outside
    cleared = pd.Series(False, index=placed.index)
    if name == "absences":
        cleared = ~placed["status"].isin(SUSPECTED) & ~outside & ~nowhere
    counted = len(placed) - int((outside | nowhere | cleared).sum())
    return told | {
        "counted": counted,
        "unplaced": int(nowhere.sum()),
        "outside": int(outside.sum()),
        "other": len(rows) - counted - int(nowhere.sum()) - int(outside.sum()),
    }


def _covered(rows: pd.DataFrame, months: pd.PeriodIndex) -> dict[str, object]:
    """Return the first and last month of a table's rows, and in how many months of the period it has any."""
    dated = next((name for name in DATES if name in rows), None)
    if dated is None or rows[dated].isna().all():
        return {"first": None, "last": None, "months": None}
    there = rows[dated].dt.to_period("M").dropna()
    return {
        "first": str(there.min()),
        "last": str(there.max()),
        "months": int(months.isin(there.unique()).sum()),
    }


def _efforts(sources: pd.DataFrame) -> pd.DataFrame:
    return sources[["name", "rows", "first", "last"]].assign(name=[called(name) for name in sources["name"]])


def _from_card(card: ModelCard | None) -> tuple[Message, ...]:
    """Return on what the model in use was trained, and how it compared with the one before it."""
    if card is None:
        return ()
    start, end = map(date.fromisoformat, card.period)
    values = {"start": start, "end": end, "units": card.units, "vintage": date.fromisoformat(card.vintage)}
    trained = Message("Trained on records from {start} to {end}, {units} communes as since {vintage}.", values)
    return trained, *(card_scores(card) or (Message("Not compared with another model yet"),))


def _asked(settings: Settings, analysis: Analysis, model_id: str | None) -> tuple[tuple[Message, object], ...]:
    surface, months = settings.surface, analysis.panel.months
    given = settings.period_start or settings.period_end
    values = {"start": months[0].start_time.date(), "end": months[-1].end_time.date()}
    whole = Message("{start} to {end}, from the first to the last record", values)
    period = Message("{start} to {end}, as set", values) if given else whole
    fit = analysis.model
    given_to_it = together((*(STREAMS.get(n, n) for n in fit.counts), *map(called, (*fit.effort, *fit.covariates))))
    return (
        (Message("Period"), period),
        (Message("Communes as they are since"), date.fromisoformat(settings.vintage)),
        (Message("Model in use"), model_id or Message("none: the default one")),
        (Message("The model was given"), given_to_it),
        (
            Message("Surface: kernel, radius and cell"),
            Message(
                "{kernel}, {radius} m, {cell} m",
                {"kernel": surface.kernel, "radius": surface.bandwidth_m, "cell": surface.cell_m},
            ),
        ),
        (Message("Metric coordinate system"), settings.crs),
        (Message("Seed of random steps"), str(settings.seed)),
    )
