"""What may be published of counts of persons by commune: zones, ranges, and what is not shown.

Three things together: zones that rest on enough persons (`models.disclosure_zones`), ranges instead of counts, and
figures left out that could otherwise be worked out (`models.disclosure_suppression`); all of it also beside what was
published before (`models.disclosure_history`). What is published is a function of the `Publication`, which holds no
count, so nothing that is drawn or written of it can tell more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from geo.errors import DisclosureError
from models.disclosure_attack import Figures, feasible, ranges
from models.disclosure_history import Release, kinds_that_stay_apart, stays_apart
from models.disclosure_suppression import suppressed
from models.disclosure_zones import Zone, finest

KINDS = ("victims", "absences")
"""Persons that are counted: victims in cases, and suspected absences."""

FIGURES = (*KINDS, "persons")
"""What is published of each zone; persons are the sum of the kinds."""


@dataclass(frozen=True)
class Publication:
    """What may leave.

    Attributes
    ----------
    zones
        A row for each zone, in the order of the least commune code: ``communes`` (tuple of codes), and for each of
        `FIGURES` ``<figure>_low`` and ``<figure>_high`` (Int64), missing where it is not shown.
    whole
        The same of all zones together, one row.
    k
        Fewest persons of a figure.
    narrowest
        What is left to guess of the figure that can be worked out best: its most minus its least.
    """

    zones: pd.DataFrame
    whole: pd.DataFrame
    k: int
    narrowest: int

    @property
    def not_shown(self) -> int:
        """How many figures are not shown."""
        columns = [f"{name}_low" for name in FIGURES]
        return int(self.zones[columns].isna().sum().sum() + self.whole[columns].isna().sum().sum())


def protect(counts: pd.DataFrame, tree: Zone, earlier: Sequence[Release], k: int) -> tuple[Publication, Release]:
    """Return what may be published, and the counts that it rests on, to be held against later releases.

    Parameters
    ----------
    counts
        Persons of the whole period, index ``commune_code``, columns `KINDS`.
    tree
        Zones of the rows, see `models.disclosure_zones.zone_tree`.
    earlier
        What was published before.
    k
        Fewest persons of a figure; also the least width of what can be worked out of any.

    Raises
    ------
    DisclosureError
        If a promise cannot be kept: too few persons, or too small a difference to an earlier release.
    """
    codes = counts.index.to_numpy()
    _comparable(frozenset(codes), earlier, k)
    persons = counts[list(KINDS)].sum(axis=1)
    if persons.sum() < k:
        raise DisclosureError("Fewer than {k} persons are recorded in the whole period; nothing can be published", k=k)
    by_code = {str(code): int(n) for code, n in persons.items()}

    def allowed(zone: Zone) -> bool:
        own = frozenset(codes[list(zone.units)])
        whole = len(own) == len(codes)
        enough = sum(by_code[code] for code in own) >= k
        return enough and all(stays_apart(own, by_code, release, whole=whole) for release in earlier)

    zones = finest(tree, allowed)
    if zones is None:
        raise DisclosureError(
            "Fewer than {k} persons changed since an earlier release: the difference would tell of them; publish again "
            "when more is recorded",
            k=k,
        )
    zones = sorted(zones, key=lambda zone: min(codes[list(zone.units)]))
    sets = [frozenset(codes[list(zone.units)]) for zone in zones]
    table = np.array([counts[list(KINDS)].to_numpy()[list(zone.units)].sum(axis=0) for zone in zones], dtype=np.int64)
    figures, shown = _figures(table, k)
    primary = _primary(shown, sets, by_code, earlier, k)
    hidden = suppressed(figures, primary, np.ones_like(primary), k)
    least, most = feasible(figures, hidden)
    release = Release(k, {own: tuple(map(int, row)) for own, row in zip(sets, table, strict=True)})
    told = _told(figures, hidden)
    told.insert(0, "communes", [*(tuple(sorted(own)) for own in sets), tuple(sorted(codes))])
    narrowest = int(np.floor((most - least).min()))
    return Publication(told.iloc[:-1], told.iloc[-1:].reset_index(drop=True), k, narrowest), release


def _comparable(codes: frozenset[str], earlier: Sequence[Release], k: int) -> None:
    for release in earlier:
        if release.k != k:
            raise DisclosureError(
                "An earlier release has ranges for --k {before}: those for --k {k} would overlap them and narrow them "
                "down; publish with --k {before}",
                before=release.k,
                k=k,
            )
        if release.communes != codes:
            raise DisclosureError(
                "An earlier release is of other communes than the workspace has now: figures of both could be "
                "subtracted from each other; publish from a workspace with the communes of that release"
            )


def _figures(table: NDArray[np.int64], k: int) -> tuple[Figures, NDArray[np.int64]]:
    """Return the figures of zones and of the whole, row by row, and their counts, shape (zones + 1, kinds + 1)."""
    rows = np.vstack([table, table.sum(axis=0)])
    counts = np.column_stack([rows, rows.sum(axis=1)])
    n, kinds = counts.shape[0], counts.shape[1]
    across = sparse.kron(sparse.eye_array(n), np.append(np.ones(kinds - 1), -1.0)[None, :])
    down = sparse.kron(np.append(np.ones(n - 1), -1.0)[None, :], sparse.eye_array(kinds))
    low, high = ranges(counts.ravel(), k)
    return Figures(low, high, sparse.vstack([across, down], format="csr")), counts


def _primary(
    counts: NDArray[np.int64],
    zones: Sequence[frozenset[str]],
    persons: dict[str, int],
    earlier: Sequence[Release],
    k: int,
) -> NDArray[np.bool_]:
    """Return the figures that must not be shown: of fewer than ``k`` persons, or changed by fewer."""
    hidden = counts < k
    whole = frozenset(persons)
    for release in earlier:
        for row, zone in enumerate([*zones, whole]):
            apart = kinds_that_stay_apart(zone, counts[row, :-1].tolist(), release, whole=row == len(zones))
            hidden[row, :-1] |= ~np.array(apart)
        hidden[-1, -1] |= not stays_apart(whole, persons, release, whole=True)
    return hidden.ravel()


def _told(figures: Figures, hidden: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the ranges by row, missing where hidden."""
    width = len(FIGURES)
    columns = {}
    for place, name in enumerate(FIGURES):
        for side, bounds in (("low", figures.low), ("high", figures.high)):
            shown = np.where(hidden, np.nan, bounds).reshape(-1, width)[:, place]
            columns[f"{name}_{side}"] = pd.array(shown, dtype="Int64")
    return pd.DataFrame(columns)
