"""The commands, each in the file of its name: its options, one call of `workflow`, what it prints.

To add one, write its function in a file here and list it below, where a planner would look for it in the help. Heavy
libraries, and `workflow` with them, are imported inside the function, so that `--help` answers at once.
"""

from cli.commands.add import add
from cli.commands.add_covariate import add_covariate
from cli.commands.audit import audit
from cli.commands.backup import backup
from cli.commands.carry import carry
from cli.commands.check import check
from cli.commands.demo import demo
from cli.commands.density import density
from cli.commands.effects import effects
from cli.commands.evaluate import evaluate
from cli.commands.forget import forget
from cli.commands.init import init
from cli.commands.join import join
from cli.commands.key import key
from cli.commands.map import map
from cli.commands.open import open
from cli.commands.override import override
from cli.commands.plan_compare import plan_compare
from cli.commands.plan_outreach import plan_outreach
from cli.commands.plan_patrol import plan_patrol
from cli.commands.plan_sites import plan_sites
from cli.commands.plan_start import plan_start
from cli.commands.plan_verify import plan_verify
from cli.commands.promote import promote
from cli.commands.protect import protect
from cli.commands.publish import publish
from cli.commands.restore import restore
from cli.commands.run import run
from cli.commands.store_copy import store_copy
from cli.commands.store_roles import store_roles
from cli.commands.train import train
from cli.commands.undo import undo
from cli.commands.verify import verify

COMMANDS = (
    demo,
    init,
    add,
    add_covariate,
    undo,
    check,
    run,
    map,
    override,
    publish,
    plan_outreach,
    plan_patrol,
    plan_sites,
    plan_verify,
    plan_compare,
    effects,
    plan_start,
    train,
    evaluate,
    audit,
    promote,
    density,
    join,
    carry,
    verify,
    backup,
    restore,
    store_copy,
    store_roles,
    forget,
    protect,
    open,
    key,
)
"""In the order of the help."""
