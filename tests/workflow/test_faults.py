"""A small version of `benchmarks/faults.py`: nothing is lost or torn by kills, full disks and damaged files.

It works in an interpreter of its own, because this one may have run parallel code and then cannot be forked for more.
"""

import random
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from benchmarks import faults

pytestmark = pytest.mark.file_store

DRAWS = random.Random(0)  # noqa: S311


@pytest.fixture(scope="module")
def apart():
    """Return a function that calls another one in an interpreter of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda work, *args: pool.submit(work, *args).result()


@pytest.fixture(scope="module")
def base(apart, tmp_path_factory):
    return apart(faults.make_base, tmp_path_factory.mktemp("faults"))


@pytest.mark.parametrize(("operation", "kills"), [("add", 10), ("undo", 6), ("forget", 8), ("backup", 6)])
def test_what_is_killed_at_a_random_moment_is_as_before_or_as_after(apart, base, operation, kills):
    count = apart(faults.kill_often, base, operation, kills, 0)
    assert count.killed >= kills / 2
    assert count.old + count.new == count.tried
    assert (count.lost, count.torn) == (0, 0)


def test_a_file_that_is_overwritten_in_place_is_torn_where_a_draft_is_not(apart, base, tmp_path):
    unprotected, _, protected = apart(faults.overwrite_often, base, 10, tmp_path, DRAWS).values()
    assert unprotected.torn > unprotected.killed / 2
    assert (protected.killed, protected.torn) == (10, 0)


@pytest.mark.parametrize("tmpfs", [True, False])
def test_a_full_disk_changes_nothing(apart, base, tmpfs):
    if tmpfs and not faults.can_mount():
        pytest.skip("only who may mount a disk can make a small one")
    count = apart(faults.fill_disks, base, 3, tmpfs)
    assert (count.torn, count.old + count.new, count.old > 0) == (0, 3, True)


@pytest.mark.skipif(not faults.can_mount(), reason="only who may mount a disk can make it read-only")
def test_a_read_only_workspace_is_read_and_said_not_to_be_writable(apart, base):
    assert [what for what, kept in apart(faults.read_only, base, False).items() if not kept] == []


def test_damage_is_named(apart, base, tmp_path):
    assert apart(faults.damage, base, 5, tmp_path, DRAWS) == (5, 5)
