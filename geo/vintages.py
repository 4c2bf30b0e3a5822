"""Counts carried from the units of one vintage to those of another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crosswalks import WEIGHTS, Crosswalk, builtin_crosswalks
from geo.errors import Message, SchemaError

_ROUNDING = 1e-9
"""Shares of counts that differ by less are equal: the difference is the computer's, not the data's."""


@dataclass(frozen=True)
class Carried:
    """Counts in the units of another vintage.

    Attributes
    ----------
    counts
        The columns that were carried; the index is the code of every unit of the target vintage, in order.
    split
        What was not exact: one row for each part of a unit that does not lie whole in another: ``from_code``,
        ``to_code``, ``share`` (of the unit's counts).
    source, target, weight
        From, to, and by what units were split.
    """

    counts: pd.DataFrame
    split: pd.DataFrame
    source: str
    target: str
    weight: str

    @property
    def message(self) -> Message:
        """What to say of it."""
        units = self.split["from_code"].unique()
        codes = ", ".join(units[:8]) + (", …" if len(units) > 8 else "")
        values = {"source": self.source, "target": self.target, "n": len(units), "codes": codes}
        if not len(units):
            return Message("Carried from {source} to {target}: every unit lies whole in one", values)
        if self.weight == "area":
            return Message("Carried from {source} to {target}: {n} units were split by area ({codes})", values)
        return Message("Carried from {source} to {target}: {n} units were split by population ({codes})", values)


def carry(
    counts: pd.DataFrame,
    source: str,
    target: str,
    *,
    weight: str = "population",
    integer: bool = False,
    crosswalks: Sequence[Crosswalk] | None = None,
) -> Carried:
    """Carry counts from the units of one vintage to those of another, along a chain of crosswalks.

    The counts of a unit that lies whole in another move there. Those of any other unit are split between its parts by
    their population or area (areal weighting: Goodchild & Lam 1980, Geo-Processing 1, 297-312), as if they were
    spread evenly over the people or the ground. Totals are conserved; the order of rows does not matter.

    Parameters
    ----------
    counts
        Numbers that can be summed; the index holds codes of ``source``, and rows of one code are summed.
    source, target
        Vintages.
    weight
        ``"population"`` or ``"area"``.
    integer
        Keep whole numbers whole: the parts of a unit's count are rounded down, and the largest remainders get the
        rest, the smaller code where they are equal. Carry totals then, not many small counts one by one: rounding
        single cases always sends them to the largest part.
    crosswalks
        The steps that there are; by default those between the units of Điện Biên.

    Raises
    ------
    SchemaError
        If no crosswalks lead from ``source`` to ``target``, a code is not one of ``source``, the counts are not
        finite numbers (whole ones, if ``integer``), or a split unit has no weight.
    """
    if weight not in WEIGHTS:
        raise SchemaError("{weight} is no weight; choose one of {known}", weight=weight, known=", ".join(WEIGHTS))
    steps = _chain(builtin_crosswalks() if crosswalks is None else crosswalks, source, target)
    counts = _checked(counts, integer=integer)
    shares = _shares(counts.index, steps, weight)
    parts = counts.loc[shares["from_code"]].to_numpy(dtype=float) * shares[["share"]].to_numpy()
    if integer:
        parts = _whole_numbers(parts, pd.factorize(shares["from_code"])[0])
    units = sorted(set(steps[-1].parts["new_code"])) if steps else list(counts.index)
    carried = pd.DataFrame(parts, columns=counts.columns).groupby(shares["to_code"].to_numpy()).sum()
    carried = carried.reindex(pd.Index(units, name="commune_code"), fill_value=0)
    split = shares[shares["from_code"].duplicated(keep=False)].reset_index(drop=True)
    return Carried(carried.astype("int64" if integer else float), split, source, target, weight)


def _chain(crosswalks: Sequence[Crosswalk], source: str, target: str) -> list[Crosswalk]:
    """Return the fewest steps from a vintage to another, all forwards in time or all backwards."""
    steps = [walk.backwards() if (walk.old < walk.new) == (source > target) else walk for walk in crosswalks]
    reached: dict[str, list[Crosswalk]] = {source: []}
    queue = [source]
    for vintage in queue:
        for step in steps:
            if step.old == vintage and step.new not in reached:
                reached[step.new] = [*reached[vintage], step]
                queue.append(step.new)
    if target not in reached:
        raise SchemaError(
            "No crosswalk leads from {source} to {target}; there are: {known}",
            source=source,
            target=target,
            known=", ".join(f"{walk.old} → {walk.new}" for walk in crosswalks) or "–",
        )
    return reached[target]


def _checked(counts: pd.DataFrame, *, integer: bool) -> pd.DataFrame:
    """Return the counts summed by code, in the order of codes."""
    if counts.index.isna().any():
        raise SchemaError("{n} rows of counts have no code", n=int(counts.index.isna().sum()))
    try:
        values = counts.to_numpy(dtype=float)
    except (TypeError, ValueError):
        values = np.full(1, np.nan)
    if not np.isfinite(values).all() or (integer and (values % 1 != 0).any()):
        raise SchemaError("Only finite numbers can be carried, and whole ones if the result is to be whole")
    return pd.DataFrame(values, counts.index.astype("str"), counts.columns).groupby(level=0).sum()


def _shares(codes: pd.Index, steps: Sequence[Crosswalk], weight: str) -> pd.DataFrame:
    """Return ``from_code``, ``to_code``, ``share`` for some units, by both codes; the shares of a unit sum to one."""
    shares = pd.DataFrame({"from_code": codes, "to_code": codes, "share": 1.0})
    for step in steps:
        known = step.parts[step.parts["old_code"].isin(shares["to_code"])]
        unknown = sorted(set(shares["to_code"]) - set(known["old_code"]))
        if unknown:
            raise SchemaError(
                "Units {codes} are not in the crosswalk from {source} to {target}",
                codes=", ".join(unknown[:8]),
                source=step.old,
                target=step.new,
            )
        joined = shares.merge(known.assign(part=_part(known, step, weight)), left_on="to_code", right_on="old_code")
        joined["share"] *= joined["part"]
        shares = joined.groupby(["from_code", "new_code"])["share"].sum().rename_axis(["from_code", "to_code"])
        shares = shares[shares > 0].reset_index()
    # What parted and met again on the way is whole again, and so it moves exactly.
    shares["share"] = shares["share"].where(shares["from_code"].duplicated(keep=False), 1.0)
    return shares.sort_values(["from_code", "to_code"], ignore_index=True)


def _part(parts: pd.DataFrame, step: Crosswalk, weight: str) -> pd.Series:
    """Return each part's share of its old unit."""
    column = WEIGHTS[weight]
    # An unknown part makes the total unknown, and a total of zero divides nothing.
    total = parts[column].fillna(-np.inf).groupby(parts["old_code"]).transform("sum")
    unknown = ~parts["whole"] & ~(total > 0)
    if unknown.any():
        raise SchemaError(
            "Units {codes} of {source} are split, and the crosswalk does not give the {column} of their parts",
            codes=", ".join(parts.loc[unknown, "old_code"].unique()[:8]),
            source=step.old,
            column=column,
        )
    return (parts[column] / total).where(~parts["whole"], 1.0)


def _whole_numbers(parts: NDArray[np.float64], unit: NDArray[np.intp]) -> NDArray[np.float64]:
    """Round the parts of each unit's whole counts by largest remainders, so that they sum to them.

    Parameters
    ----------
    parts
        Shape (n, k), the parts of one unit one below the other; of equal remainders the first gets the rest.
    unit
        Number of the unit of each part, rising from 0.
    """
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    down = np.floor(parts + _ROUNDING)
    remainder = np.rint((parts - down) / _ROUNDING).astype(np.int64)
    missing = np.rint(np.add.reduceat(parts, first)) - np.add.reduceat(down, first)
    order = np.argsort(unit[:, None] * round(2 / _ROUNDING) - remainder, axis=0, kind="stable")
    gets_one = (np.arange(len(unit)) - first[unit])[:, None] < missing[unit]
    np.put_along_axis(down, order, np.take_along_axis(down, order, axis=0) + gets_one, axis=0)
    return down
