"""Tables of records as the store keeps them, whatever files they came from."""

import pandas as pd

from geo.store import LAYERS
from workflow.linking import Linked


def canonical(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return rows in the schema's order of columns, without those that no row fills: files that are gone leave none."""
    schema = LAYERS[table].columns
    kept = [name for name, rule in schema.items() if name in rows and (rule.required or rows[name].notna().any())]
    return rows[kept].reset_index(drop=True)


def frames_of(table: str, rows: pd.DataFrame, linked: Linked | None) -> dict[str, pd.DataFrame]:
    """Return what is stored at once: a crash must not part the cases from their links."""
    return {table: rows, "links": linked.stored} if linked else {table: rows}
