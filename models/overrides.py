"""Ranks that planners moved: the model proposes, somebody who knows the place decides, and both can be seen."""

from datetime import date

import numpy as np
import pandas as pd

COLUMNS = ("rank_model", "override_reason", "override_by", "override_until")
"""What an override adds to a ranking."""


def in_force(overrides: pd.DataFrame, vintage: str, on: date) -> pd.DataFrame:
    """Return the overrides of a unit system's communes that have not expired on a day."""
    kept = (overrides["vintage"] == vintage) & (overrides["until"].dt.date >= on)
    return overrides[kept.to_numpy(dtype=bool)]


def with_overrides(ranking: pd.DataFrame, overrides: pd.DataFrame) -> pd.DataFrame:
    """Return a ranking with some communes moved to other places; the others keep their order around them.

    Parameters
    ----------
    ranking
        Sorted, with ``rank`` (ties share the best) and ``commune_code``.
    overrides
        Those in force (`geo.schema.OVERRIDES`), at most one a commune. Where two want one place,
        a rank goes before a move, and then the order of the model; the other comes next behind.

    Returns
    -------
    pandas.DataFrame
        The same rows sorted by the new ``rank``; ``rank_model`` is the old one, behind it ``override_reason``,
        ``override_by`` and ``override_until`` (ISO 8601), missing where nobody decided otherwise.
    """
    decided = overrides.set_index("commune_code").reindex(ranking["commune_code"])
    n, moved = len(ranking), decided["reason"].notna().to_numpy(dtype=bool)
    to_rank = decided["to_rank"].to_numpy(dtype=float, na_value=np.nan)
    move = decided["move"].to_numpy(dtype=float, na_value=0)
    exact = np.isfinite(to_rank)
    wanted = np.clip(np.where(exact, to_rank, ranking["rank"].to_numpy() - move), 1, n).astype(np.int64)
    place, free = np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool)
    for row in sorted(np.flatnonzero(moved), key=lambda row: (not exact[row], wanted[row], row)):
        at = wanted[row] - 1
        behind, before = np.flatnonzero(free[at:]), np.flatnonzero(free[:at])
        place[row] = at + behind[0] if behind.size else before[-1]
        free[place[row]] = False
    place[~moved] = np.flatnonzero(free)
    # Those that the model ties, and nobody moved, still share the best of their ranks.
    alike = ranking["rank"].where(~moved, -1 - np.arange(n)).to_numpy()
    rank = pd.Series(place + 1).groupby(alike).transform("min").to_numpy()
    said = ranking.assign(rank=rank, rank_model=ranking["rank"])
    said["override_reason"] = decided["reason"].to_numpy()
    said["override_by"] = decided["made_by"].to_numpy()
    said["override_until"] = decided["until"].dt.strftime("%Y-%m-%d").to_numpy()
    # Reasons stay the last, as in every ranking.
    ordered = sorted(said, key=lambda name: name == "reasons")
    return said[ordered].sort_values(["rank", "commune_code"], ignore_index=True)
