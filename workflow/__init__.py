"""The steps of the program as plain functions, one a command. Notebooks use them too."""

from workflow.added import Added
from workflow.adding import add
from workflow.analysis import Analysis, analyse
from workflow.auditing import Audited, audit
from workflow.backing_up import Kept, backup, restore
from workflow.carrying import CarriedFile, carry_file
from workflow.checking import Checked, check
from workflow.choosing_sites import sites_for
from workflow.comparing_plans import compare_plan
from workflow.copying_store import Copied, copy_store, roles_sql
from workflow.covariates import add_covariate
from workflow.demonstration import demo, demo_workspace, workspace_or_demo
from workflow.density import Drawn, draw_density
from workflow.designing import start_for
from workflow.estimating import Length, effects_of
from workflow.evaluating import Evaluated, evaluate_workspace
from workflow.forgetting import Forgotten, forget
from workflow.intake_folder import intakes
from workflow.integrity import Verified, verify
from workflow.joining import JoinedFile, join_file
from workflow.layers import Layers, init, read_layers
from workflow.mapping import Mapped, draw_maps
from workflow.modelling import fit
from workflow.overriding import Decided, override, take_back
from workflow.planning import Planned
from workflow.planning_outreach import outreach_for
from workflow.planning_patrol import patrols_for
from workflow.promoting import Promoted, compare_models, model_in_use, promote
from workflow.protecting import Protected, needs_passphrase, new_key, protect, unprotect
from workflow.publishing import Published, publish
from workflow.running import RunResult, run
from workflow.starting import init_elsewhere
from workflow.training import Trained, train
from workflow.undoing import undo
from workflow.verifying import queue_for

__all__ = [
    "Added",
    "Analysis",
    "Audited",
    "CarriedFile",
    "Checked",
    "Copied",
    "Decided",
    "Drawn",
    "Evaluated",
    "Forgotten",
    "JoinedFile",
    "Kept",
    "Layers",
    "Length",
    "Mapped",
    "Planned",
    "Promoted",
    "Protected",
    "Published",
    "RunResult",
    "Trained",
    "Verified",
    "add",
    "add_covariate",
    "analyse",
    "audit",
    "backup",
    "carry_file",
    "check",
    "compare_models",
    "compare_plan",
    "copy_store",
    "demo",
    "demo_workspace",
    "draw_density",
    "draw_maps",
    "effects_of",
    "evaluate_workspace",
    "fit",
    "forget",
    "init",
    "init_elsewhere",
    "intakes",
    "join_file",
    "model_in_use",
    "needs_passphrase",
    "new_key",
    "outreach_for",
    "override",
    "patrols_for",
    "promote",
    "protect",
    "publish",
    "queue_for",
    "read_layers",
    "restore",
    "roles_sql",
    "run",
    "sites_for",
    "start_for",
    "take_back",
    "train",
    "undo",
    "unprotect",
    "verify",
    "workspace_or_demo",
]
