"""A scheduler and workers for the tests: real processes on the loopback, of this tree."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[1]
MEMORY = "900MB"
LOSSES = 1
"""How many workers a piece may lose."""
OPTIONS = {
    "PYTHONPATH": str(ROOT),
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(LOSSES),
    "DASK_DISTRIBUTED__WORKER__MEMORY__MONITOR_INTERVAL": "50ms",
}


def certificates(folder):
    """Make a key and a certificate, and return the configuration of dask by which both sides use them."""
    made = [str(folder / name) for name in ("key.pem", "cert.pem")]
    files = ["-keyout", made[0], "-out", made[1]]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=made-up", *files],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    roles = {
        f"{role}.{kind}": file
        for role in ("scheduler", "worker", "client")
        for kind, file in zip(("key", "cert"), made, strict=True)
    }
    return {f"distributed.comm.tls.{name}": file for name, file in {"ca-file": made[1], **roles}.items()}


def in_environment(configuration):
    """Return a configuration of dask as variables of the environment."""
    return {f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": value for name, value in configuration.items()}


class DaskCluster:
    """Without workers at first; its address is added to those that tests may reach."""

    def __init__(self, reachable, tls=None):
        self._tls = {} if tls is None else in_environment(tls)
        self.folder = Path(tempfile.mkdtemp(prefix="diemnong-dask-"))
        self._running = []
        about = self.folder / "scheduler.json"
        options = ("--port", "0", "--scheduler-file", str(about), "--protocol", "tls" if tls else "tcp")
        self.scheduler = self._start("scheduler", *options)
        while not about.exists() or not about.read_text():
            assert self.scheduler.poll() is None, self.log()
            time.sleep(0.02)
        self.address = json.loads(about.read_text())["address"]
        host, port = self.address.split("://")[1].split(":")
        reachable.add((host, int(port)))

    def add_worker(self, memory=MEMORY):
        """Start a worker of one thread, watched by dask's nanny; it comes when it comes."""
        options = ("--nthreads", "1", "--memory-limit", memory, "--local-directory", str(self.folder))
        return self._start("worker", self.address, *options)

    def wait_for(self, workers):
        """Wait until so many workers are there."""
        while len(self.pids()) < workers:
            time.sleep(0.1)

    def pids(self):
        """Return the processes that do the work."""
        with Client(self.address, set_as_default=False) as client:
            return list(client.run(os.getpid).values())

    def log(self):
        """Return all that scheduler and workers said."""
        return "".join(path.read_text() for path in self.folder.glob("*.log"))

    def stop(self):
        """Kill all that is left of it; workers end with the nanny that watches them."""
        for process in self._running:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, what, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
        log = self.folder / f"{len(self._running)}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--no-dashboard"],
                stdout=file, stderr=file, env={**os.environ, **OPTIONS, **self._tls},
            )  # fmt: skip
        self._running.append(process)
        return process
