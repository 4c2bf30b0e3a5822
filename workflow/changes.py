"""What a ranking changed against that of an earlier run, and what changed in the records."""

import pandas as pd

from geo.errors import Message
from geo.workspace import Settings
from maps.earlier import EarlierRun
from maps.report_content import Changes

LOOKS = ("lang", "office", "title")
"""Settings that change no number."""

RECORDS = {
    "cases": Message("cases"),
    "absences": Message("absences"),
    "sessions": Message("outreach sessions"),
    "population": Message("people"),
}
"""The columns of a ranking that say what was recorded of a commune."""

COLUMNS = ["rank", "expected", *RECORDS]


def changes_since(
    earlier: EarlierRun, outreach: pd.DataFrame, settings: Settings, period: tuple[str, str], model_id: str | None
) -> Changes:
    """Return what changed since an earlier run.

    Parameters
    ----------
    earlier
        On communes of the same vintage.
    outreach, settings, period, model_id
        Of the run that is being written.
    """
    said = _differences(earlier, settings, period, model_id)
    before = earlier.outreach.set_index("commune_code").reindex(columns=COLUMNS)
    return Changes(earlier.name, earlier.made_on, earlier.period, tuple(said), moves(before, outreach))


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


def _differences(
    earlier: EarlierRun, settings: Settings, period: tuple[str, str], model_id: str | None
) -> list[Message]:
    """Say what was asked or given differently."""
    said = []
    then, now = earlier.settings, settings.model_dump(mode="json")
    other = sorted(name for name in now if name not in LOOKS and then.get(name) != now[name])
    if other:
        said.append(Message("Settings that are different: {names}", {"names": ", ".join(other)}))
    if earlier.period != period:
        said.append(Message("The period is different, so that counts are those of other months, too."))
    if earlier.model_id != model_id:
        said.append(Message("Another model ranks than then."))
    return said


def _reasons(then: dict[str, float], now: dict[str, float]) -> tuple[Message, ...]:
    if pd.isna(then["rank"]):
        return (Message("not ranked before"),)
    changed = [
        Message("{what}: {before}, now {now}", {"what": what, "before": then[name], "now": now[name]})
        for name, what in RECORDS.items()
        if pd.notna(then[name]) and then[name] != now[name]
    ]
    if changed:
        return tuple(changed)
    return (Message("its own records are the same; the others', the effort or what was asked changed"),)
