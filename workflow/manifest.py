"""What manifests have in common: the versions of what made them, and tables as plain rows."""

import json
import platform
from importlib.metadata import version
from typing import Any

import pandas as pd

from maps.outputs import say


def versions(*libraries: str) -> dict[str, str]:
    """Return the versions of Python, of this program and of libraries."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("diemnong", *libraries)}}


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table as plain values, its reasons in English."""
    if "reasons" in table:
        words = [say(reasons, "en") for reasons in table["reasons"]]
        table = table.drop(columns="reasons").assign(reason=words)
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return rows
