"""What a run's ranking changed against the newest earlier run of its workspace, and what changed in the records."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from geo.errors import Message
from geo.workspace import Settings, Workspace
from maps.release import MANIFEST
from maps.report_content import Changes

RANKING = "ranking_outreach.csv"

RECORDS = {
    "cases": Message("cases"),
    "absences": Message("absences"),
    "sessions": Message("outreach sessions"),
    "population": Message("people"),
}
"""The columns of a ranking that say what was recorded of a commune."""

COLUMNS = ["rank", "expected", *RECORDS]


@dataclass(frozen=True)
class EarlierRun:
    """What is needed of an earlier run: its manifest's values, and its ranking by ``commune_code``."""

    name: str
    made_on: str
    period: tuple[str, str]
    settings: dict[str, Any]
    model_id: str | None
    data_kind: str
    ranking: pd.DataFrame


def changes_since(
    workspace: Workspace, outreach: pd.DataFrame, period: tuple[str, str], model_id: str | None, data_kind: str
) -> Changes | None:
    """Return what changed since the newest earlier run that can be read; None if there is none.

    Parameters
    ----------
    workspace
        With its earlier runs and its settings of now.
    outreach, period, model_id, data_kind
        Of the run that is being written.
    """
    folders = sorted((path.parent for path in workspace.runs.glob(f"[!.]*/{MANIFEST}")), reverse=True)
    readable = ((n, run) for n, folder in enumerate(folders) if (run := _read(folder)) is not None)
    passed_over, earlier = next(readable, (0, None))
    if earlier is None:
        return None
    said = _differences(earlier, workspace.settings, period, model_id, data_kind)
    if passed_over:
        said.insert(0, Message("{n} newer runs cannot be read and were passed over", {"n": passed_over}))
    comparable = earlier.settings.get("vintage") == workspace.settings.vintage
    table = moves(earlier.ranking, outreach) if comparable else None
    if not comparable:
        said.append(Message("It ranked the communes of another unit system, so that ranks cannot be compared."))
    return Changes(earlier.name, earlier.made_on, earlier.period, tuple(said), table)


def moves(before: pd.DataFrame, outreach: pd.DataFrame) -> pd.DataFrame:
    """Return the moves of `maps.report_content.Changes`, in the order of ``outreach``.

    Parameters
    ----------
    before
        Index ``commune_code``; ``rank``, ``expected`` and the columns of `RECORDS`.
    outreach
        The ranking of now, with the same columns, ``commune_code`` and ``name``.
    """
    earlier = before.reindex(outreach["commune_code"])
    reasons = [
        _reasons(then, now)
        for then, now in zip(earlier.to_dict("records"), outreach[COLUMNS].to_dict("records"), strict=True)
    ]
    return pd.DataFrame(
        {
            **outreach[["commune_code", "name", "rank", "expected"]].to_dict("series"),
            "rank_before": earlier["rank"].to_numpy(),
            "expected_before": earlier["expected"].to_numpy(),
            "reasons": reasons,
        }
    )


def _read(folder: Path) -> EarlierRun | None:
    """Return an earlier run; None if its files were changed so that they cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        ranking = pd.read_csv(folder / RANKING, index_col="commune_code", dtype={"commune_code": str})
        if not ranking.index.is_unique:
            return None
        start, end = (str(date.fromisoformat(day)) for day in manifest["period"])
        return EarlierRun(
            name=folder.name,
            made_on=str(datetime.fromisoformat(manifest["made_at"]).date()),
            period=(start, end),
            settings=dict(manifest["settings"]),
            model_id=manifest["model"]["in_use"],
            data_kind=manifest["data_kind"],
            ranking=ranking[COLUMNS].astype(float),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _differences(
    earlier: EarlierRun, settings: Settings, period: tuple[str, str], model_id: str | None, data_kind: str
) -> list[Message]:
    """Say what was asked or given differently."""
    said = []
    then, now = earlier.settings, settings.model_dump(mode="json")
    other = sorted(name for name in now if name not in ("title", "lang") and then.get(name) != now[name])
    if other:
        said.append(Message("Settings that are different: {names}", {"names": ", ".join(other)}))
    if earlier.period != period:
        said.append(Message("The period is different, so that counts are those of other months, too."))
    if earlier.model_id != model_id:
        said.append(Message("Another model ranks than then."))
    if earlier.data_kind != data_kind:
        said.append(Message("Simulated data were used in one of the two runs only: do not compare them."))
    return said


def _reasons(then: dict[str, float], now: dict[str, float]) -> tuple[Message, ...]:
    if pd.isna(then["rank"]):
        return (Message("not ranked before"),)
    changed = [
        Message("{what}: {before}, now {now}", {"what": what, "before": then[name], "now": now[name]})
        for name, what in RECORDS.items()
        if then[name] != now[name]
    ]
    if changed:
        return tuple(changed)
    return (Message("its own records are the same; the others', the effort or what was asked changed"),)
