"""The steps of the program as plain functions, one a command. Notebooks use them too."""

from workflow.added import Added
from workflow.adding import add
from workflow.analysis import Analysis, analyse
from workflow.carrying import CarriedFile, carry_file
from workflow.checking import Checked, check
from workflow.demonstration import demo, demo_workspace
from workflow.density import Drawn, draw_density
from workflow.intake_folder import intakes
from workflow.layers import Layers, init, read_layers
from workflow.running import RunResult, run
from workflow.undoing import undo

__all__ = [
    "Added",
    "Analysis",
    "CarriedFile",
    "Checked",
    "Drawn",
    "Layers",
    "RunResult",
    "add",
    "analyse",
    "carry_file",
    "check",
    "demo",
    "demo_workspace",
    "draw_density",
    "init",
    "intakes",
    "read_layers",
    "run",
    "undo",
]
