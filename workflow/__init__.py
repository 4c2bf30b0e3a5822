"""The steps of the program as plain functions: init, add, check, run, demo. Notebooks use them too."""

from workflow.adding import Added, add
from workflow.analysis import Analysis, analyse
from workflow.checking import Checked, check
from workflow.demonstration import demo, demo_workspace
from workflow.layers import Layers, init, read_layers
from workflow.running import RunResult, run

__all__ = [
    "Added",
    "Analysis",
    "Checked",
    "Layers",
    "RunResult",
    "add",
    "analyse",
    "check",
    "demo",
    "demo_workspace",
    "init",
    "read_layers",
    "run",
]
