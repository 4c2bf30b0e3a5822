"""A private PostgreSQL with PostGIS for the tests: on a socket in a temporary folder, of a user that is not root."""

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

OWNER = "postgres"


def binaries():
    """Return the folder of the server's programs, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


class Cluster:
    """A server that only these tests know; its socket's folder is added to those that tests may reach.

    Its log of changes (WAL), of segments of 1 MB then, may lie in a folder of its own.
    """

    def __init__(self, programs, sockets, log_of_changes=None):
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="diemnong-pg-"))
        sockets.add(str(self.folder))
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        self.folder.chmod(0o755)
        self._numbers = itertools.count()
        wal = ["-X", log_of_changes, "--wal-segsize", "1"] if log_of_changes else []
        self._run("initdb", "-D", self.folder / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync", *wal)
        self.start()
        self.execute("CREATE DATABASE with_postgis")
        self.execute("CREATE EXTENSION postgis", "with_postgis")

    def address(self, database, user=OWNER):
        """Return what settings name."""
        return f"postgresql:///{database}?host={self.folder}&user={user}"

    def new_database(self, template="with_postgis"):
        """Return the name of a database that nobody used yet."""
        name = f"made_up_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")  # half the time, without fsync
        return name

    def execute(self, statement, database="postgres", user=OWNER):
        """Run a statement; return its rows, if it has any."""
        with psycopg.connect(host=str(self.folder), dbname=database, user=user, autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def start(self, listen=""):
        """Start the server, on its socket and an address of the network if one is given; wait until it answers."""
        self._control("start", *self._options(listen))

    def stop(self):
        """Stop the server as if it crashed."""
        self._control("stop", "-m", "immediate")

    def restart(self):
        """Start the server anew, whether it runs, mends itself after a crash, or has ended."""
        self._control("restart", "-m", "immediate", *self._options())

    def remove(self):
        """Stop the server, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder)

    def _options(self, listen=""):
        options = f"-k {self.folder} -c listen_addresses='{listen}' -c fsync=off"
        return "-w", "-o", options, "-l", self.folder / "log"

    def _control(self, *arguments):
        self._run("pg_ctl", "-D", self.folder / "data", *arguments)

    def _run(self, program, *arguments):
        as_owner = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
        command = [*as_owner, str(self._programs / program), *map(str, arguments)]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", env=environment)
