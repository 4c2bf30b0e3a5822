"""The proxy audit: whether a ranking of places can be read as one of people, by shares that only the user knows."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import IntakeError, Message
from geo.intake.count_table import read_counts
from geo.intake.masking import masked_errors
from geo.intake.persons import persons
from models.rank_correlation import explained_by_ranks

FEWEST = 10
"""Communes with a share without which nothing can be said."""
TELLING = 0.25
"""R² above chance from which the ranking is said to tell a share."""


def read_proxies(file: Path, ranking: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return how well a ranking of communes tells each column of a table of shares; nothing of the table is kept.

    Parameters
    ----------
    file
        A table with ``commune_code`` and columns of numbers.
    ranking
        ``commune_code`` and ``expected``.
    rng
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        ``column``, ``communes`` (with a number), ``r2`` with its 90 % interval ``lower``, ``upper``, and ``chance``:
        what chance alone exceeds once in twenty.

    Raises
    ------
    IntakeError
        If the file cannot be read, a commune stands in it twice, or fewer than `FEWEST` communes are found in it. No
        value of the file is repeated.
    """
    known = persons()
    with masked_errors(known):
        table = read_counts(file)
        codes = table.codes.astype(str).str.strip().str.zfill(5)
        shares = table.counts.set_axis(pd.Index(codes), axis=0)
        if shares.index.has_duplicates:
            raise IntakeError("{file}: a commune stands in the table more than once", file=file.name)
        expected = ranking.set_index("commune_code")["expected"]
        found = shares[shares.index.isin(expected.index)]
        if len(found) < FEWEST:
            raise IntakeError(
                "{file}: the codes of {n} communes are those of the workspace; at least {fewest} are needed",
                file=file.name,
                n=len(found),
                fewest=FEWEST,
            )
    rows = []
    for place, name in enumerate(found, start=1):
        values = found[name].dropna()
        if len(values) < FEWEST:
            continue
        of_rank = expected.loc[values.index].to_numpy(dtype=float)
        r2, chance = explained_by_ranks(of_rank, values.to_numpy(dtype=float), rng)
        called = f"{place}" if known.in_text(name) else name
        rows.append((called, len(values), *r2, chance))
    return pd.DataFrame(rows, columns=["column", "communes", "r2", "lower", "upper", "chance"])


def proxy_words(proxies: pd.DataFrame) -> Iterator[Message]:
    """Say how well the ranking tells each share."""
    for row in proxies.itertuples():
        values = {
            "column": row.column,
            **{name: round(getattr(row, name), 2) for name in ("r2", "lower", "upper", "chance")},
        }
        yield Message(
            "{column}: the ranking tells its order with R² {r2} (90 %: {lower} to {upper}); chance alone reaches "
            "{chance} once in twenty",
            values,
        )
        if row.r2 > max(row.chance, TELLING):
            yield Message(
                "{column}: THE RANKING STANDS FOR IT in part; say so wherever the ranking is used, and never read a "
                "rank as one of people",
                {"column": row.column},
            )
    yield Message("The table of shares was read once and is not kept")
