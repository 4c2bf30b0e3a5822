from datetime import date, timedelta

import workflow
from geo.workspace import Workspace
from workflow.layers import inputs_of, read_layers


def test_a_run_is_said_to_be_made_of_what_was_read(tmp_path, monkeypatch):
    """Another planner saves between the reading of the layers and that of their hashes."""
    workspace = workflow.init(tmp_path / "w")
    store = type(workspace.store)
    read, found_there = store.read_together, []

    def read_and_be_overtaken(self, names):
        monkeypatch.undo()
        found = read(self, names)
        theirs = Workspace(tmp_path / "w")
        workflow.override(theirs, "03160", move=1, reason="made up", until=date.today() + timedelta(days=9))
        found_there.append(len(found["overrides"]))
        return found

    monkeypatch.setattr(store, "read_together", read_and_be_overtaken)
    layers = read_layers(workspace)
    assert found_there == [0]
    assert len(layers.overrides) == 1
    assert layers.inputs == inputs_of(workspace)
