"""A workspace of four made-up square communes, 10 km wide, whose codes rows may bear; simulated."""

import pandas as pd

import workflow
from geo.change import changing
from geo.workspace import Settings
from tests.conftest import commune_layer, square

CODES = ["03127", "03151", "03158", "03160"]
"""South-west, south-east, north-west, north-east."""


def make(folder, **settings):
    """Make the workspace; its cells are large, so that runs are quick."""
    made = workflow.init(folder, Settings.checked({"surface": {"cell_m": 2000}, **settings}))
    shapes = [square(0, 0), square(1, 0), square(0, 1), square(1, 1)]
    with changing(made.folder) as change:
        change.write({"communes": commune_layer(shapes, CODES).assign(border_km_laos=[10.0, 0.0, 10.0, 0.0])})
    return made


def add(workspace, table, folder, **columns):
    """Add rows, all of which must be taken."""
    rows = pd.DataFrame({**columns, "data_kind": "simulated"})
    file = folder / f"{table}-{len(list(folder.iterdir()))}.csv"
    rows.to_csv(file, index=False)
    added = workflow.add(workspace, table, file)
    assert added.accepted == len(rows), added.messages
    return file
