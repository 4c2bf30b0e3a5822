"""Processes that end as if they were killed: no `finally`, no clean-up, no flush."""

import os
import signal
import time

STEPS = ("fsync", "rename", "replace", "unlink", "rmdir", "mkdir")
"""What changes a file system's names, or waits for the disk."""


def killed_at(step, work):
    """Run ``work`` in a fork that ends at its ``step``-th call of `STEPS`; tell whether it came so far."""
    child = os.fork()
    if not child:
        _end_at(step)
        _quietly(work)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def killed_after(seconds, work):
    """Run ``work`` in a fork and kill it after some time; tell whether it was killed before its end."""
    child = os.fork()
    if not child:
        _quietly(work)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _quietly(work):
    try:
        work()
        os._exit(0)
    except BaseException:
        os._exit(1)


def _end_at(step):
    calls = iter(range(1, 10**9))

    def counted(call):
        def ending(*args, **kwargs):
            if next(calls) == step:
                os._exit(9)
            return call(*args, **kwargs)

        return ending

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
