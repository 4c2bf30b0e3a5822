"""What planners decide about the rank of a commune: kept with a reason until a day, and applied after the model."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from geo.change import changing
from geo.errors import Message, WorkspaceError
from geo.intake.persons import REMOVED, Persons
from geo.names import bare, fold, tidy
from geo.schema import OVERRIDES
from geo.workspace import Workspace
from models.overrides import in_force, with_overrides
from workflow.layers import Layers

MOST_DAYS = 3653
"""How long a decision holds at most: what nobody looks at again for ten years is no decision any more."""
LONGEST = 300
"""Characters of a reason."""


@dataclass(frozen=True)
class Decided:
    """What was decided, or taken back."""

    table: pd.DataFrame
    messages: tuple[Message, ...]

    refused = False

    def as_dict(self) -> dict[str, Any]:
        """Return the decisions that are kept now as plain values, for JSON."""
        dates = {name: self.table[name].dt.strftime("%Y-%m-%d") for name in ("made_on", "until")}
        plain = self.table.assign(**dates).astype(object)
        return {"overrides": plain.where(plain.notna(), None).to_dict(orient="records")}


def override(
    workspace: Workspace,
    commune: str,
    *,
    until: date,
    reason: str,
    move: int | None = None,
    rank: int | None = None,
    by: str | None = None,
    today: date | None = None,
) -> Decided:
    """Keep a decision about a commune's rank; an earlier one about the same commune goes.

    Parameters
    ----------
    workspace
        Where it is kept.
    commune
        Code, or name.
    until
        The last day on which it holds.
    reason, by
        Why, and which office says so. A text that names a person is not kept.
    move, rank
        Places up (below 0: down), or the rank that it gets; one of the two.
    today
        The present by default.

    Raises
    ------
    WorkspaceError
        If the commune is not known or its name is not of one only, the decision says nothing, has no reason, has
        expired already, or would hold longer than `MOST_DAYS`.
    """
    today = today or datetime.now(UTC).date()
    _check(move, rank, reason, until, today)
    with changing(workspace.folder) as change:
        found = workspace.store.read_together(["communes", "villages", "overrides"])
        code = commune_code(found["communes"], commune)
        persons = Persons(found["villages"]["village"])
        said, office = (None if text is None else persons.masked(tidy(text)) for text in (reason, by))
        row = pd.DataFrame(
            {
                "commune_code": [code],
                "vintage": workspace.settings.vintage,
                "move": pd.array([move], dtype="Int64"),
                "to_rank": pd.array([rank], dtype="Int64"),
                "reason": said,
                "made_by": office,
                "made_on": pd.Timestamp(today).as_unit("ns"),
                "until": pd.Timestamp(until).as_unit("ns"),
            }
        )
        kept = _without(found["overrides"], code)
        table = pd.concat([kept, row.astype(kept.dtypes.to_dict())], ignore_index=True) if len(kept) else row
        change.write({"overrides": OVERRIDES.validate(table.astype({"made_by": "str"}))})
    name = _name(found["communes"], code)
    values = {"name": name, "until": until}
    done = (
        Message("{name} is to have rank {rank}, until {until}", {**values, "rank": rank})
        if rank is not None
        else Message("{name} is moved by {n} places (above 0: up), until {until}", {**values, "n": move})
    )
    masked = Message("What named a person was not kept: the reason or office now says {removed}", {"removed": REMOVED})
    hidden = (masked,) if REMOVED in (said, office) else ()
    earlier = found["overrides"].loc[(found["overrides"]["commune_code"] == code).to_numpy(dtype=bool)]
    return Decided(
        table,
        (done, *map(_replaced, earlier.itertuples()), *hidden, Message("It holds from the next run on: diemnong run")),
    )


def take_back(workspace: Workspace, commune: str) -> Decided:
    """Remove the decision about a commune.

    Raises
    ------
    WorkspaceError
        If there is none.
    """
    with changing(workspace.folder) as change:
        found = workspace.store.read_together(["communes", "overrides"])
        code = commune_code(found["communes"], commune)
        kept = _without(found["overrides"], code)
        name = _name(found["communes"], code)
        if len(kept) == len(found["overrides"]):
            raise WorkspaceError("No planner has moved {name}; there is nothing to take back", name=name)
        change.write({"overrides": kept})
    return Decided(kept, (Message("{name} has the model's rank again, from the next run on", {"name": name}),))


def decide(
    ranking: pd.DataFrame, layers: Layers, vintage: str, today: date
) -> tuple[pd.DataFrame, tuple[Message, ...]]:
    """Return a ranking with what planners decided applied, and what is to be said of it.

    Parameters
    ----------
    ranking
        Of communes, by the model.
    layers
        With the decisions.
    vintage
        Unit system of the ranking.
    today
        Decisions hold up to their last day.
    """
    if layers.overrides.empty:
        return ranking, ()
    known = layers.overrides[layers.overrides["commune_code"].isin(ranking["commune_code"])]
    valid = in_force(known, vintage, today)
    expired = int((known["until"].dt.date < today).sum())
    lost = len(layers.overrides) - len(valid) - expired
    notes = []
    if len(valid):
        notes.append(Message("{n} communes were moved by planners; the ranking says why", {"n": len(valid)}))
    if expired:
        notes.append(
            Message("{n} decisions of planners have expired and are not applied; renew or remove them", {"n": expired})
        )
    if lost:
        notes.append(Message("{n} decisions of planners are about communes of another layer", {"n": lost}))
    return (with_overrides(ranking, valid) if len(valid) else ranking), tuple(notes)


def commune_code(communes: pd.DataFrame, commune: str) -> str:
    """Return the code of a commune that is given by code or name.

    Raises
    ------
    WorkspaceError
        If there is none, or several bear the name.
    """
    for key in (str, bare, fold):
        named = communes["commune_code"] if key is str else communes["name"].map(key)
        codes = communes.loc[(named == key(commune)).to_numpy(dtype=bool), "commune_code"]
        if len(codes) == 1:
            return str(codes.iloc[0])
        if len(codes):
            raise WorkspaceError(
                "{n} communes have this name; give the code: {codes}", n=len(codes), codes=", ".join(codes)
            )
    raise WorkspaceError("No commune of the workspace has this code or name; ranking_outreach.csv lists them")


def _check(move: int | None, rank: int | None, reason: str, until: date, today: date) -> None:
    if (move is None) == (rank is None):
        raise WorkspaceError("A decision moves a commune by places or gives it a rank: give --move or --rank")
    if move == 0 or (rank is not None and rank < 1):
        raise WorkspaceError("A move is not 0, and a rank is at least 1")
    if not 0 < len(tidy(reason)) <= LONGEST:
        raise WorkspaceError("A decision needs a reason of at most {n} characters", n=LONGEST)
    if until < today:
        raise WorkspaceError("The decision would have expired on {until}; give a later day", until=until)
    if (until - today).days > MOST_DAYS:
        raise WorkspaceError(
            "The decision would hold until {until}: name a day within {n} days, and renew it when it expires",
            until=until,
            n=MOST_DAYS,
        )


def _replaced(earlier: Any) -> Message:
    """Say which decision goes: of several planners it may be another one's."""
    said = (
        Message("{n} places (above 0: up)", {"n": earlier.move})
        if pd.isna(earlier.to_rank)
        else Message("rank {rank}", {"rank": earlier.to_rank})
    )
    office = Message("an office that was not named") if pd.isna(earlier.made_by) else earlier.made_by
    days = {"made_on": earlier.made_on.date(), "until": earlier.until.date()}
    return Message(
        "It replaces what {office} decided on {made_on}: {said}, until {until}",
        {"office": office, "said": said, **days},
    )


def _without(overrides: pd.DataFrame, code: str) -> pd.DataFrame:
    return overrides[(overrides["commune_code"] != code).to_numpy(dtype=bool)].reset_index(drop=True)


def _name(communes: pd.DataFrame, code: str) -> str:
    return str(communes.set_index("commune_code")["name"][code])
