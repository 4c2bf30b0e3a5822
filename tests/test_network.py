"""The program opens no connection but to a database or scheduler that is named: `tests.conftest` makes others fail.

It does so in every test, so that it holds for all of them.

Among them the demo (`tests.test_workflow`), and runs, plans, evaluations, audits and publications
(`tests.workflow.test_leaving`). What libraries in C would open by themselves is not seen; none is asked for an address.
"""

import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from geo.stores import open_store
from tests.conftest import ATTEMPTS

ROOMS = ("geo", "models", "maps", "workflow", "cli")
ROOT = Path(__file__).parents[1]


def test_an_attempt_fails_and_is_remembered_even_if_the_error_is_not():
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("http://192.0.2.1/")
    with pytest.raises(OSError, match="no network"), socket.socket() as connection:
        connection.connect(("192.0.2.1", 80))
    assert len(ATTEMPTS) >= 2
    ATTEMPTS.clear()


def test_only_the_databases_of_the_tests_are_reached():
    """The program reaches the one that a workspace's settings name; it does so in C, past the patch of sockets."""
    with pytest.raises(OSError, match="no network"):
        open_store("postgresql://planner@192.0.2.1/made_up").names()
    assert ATTEMPTS == ["psycopg"]
    ATTEMPTS.clear()


def test_only_the_shared_store_talks_to_a_database():
    imports = re.compile(r"^\s*(?:import|from) (sqlalchemy|psycopg|geoalchemy2)\b", re.M)
    files = [path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {path.parent.as_posix() for path in files if imports.search((ROOT / path).read_text(encoding="utf-8"))}
    assert found == {"geo/postgis"}


def test_only_a_cluster_talks_to_a_scheduler():
    """To no other address: `tests.geo.test_cluster` works with this one alone."""
    imports = re.compile(r"^\s*(?:import|from) (dask|distributed|tornado)\b", re.M)
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in files if imports.search(path.read_text(encoding="utf-8"))}
    assert found == {"geo/cluster.py"}


def test_no_file_of_the_program_imports_what_opens_connections():
    imports = re.compile(r"^\s*(?:import|from) (socket|ssl|http|urllib|ftplib|smtplib|requests|httpx|aiohttp)\b", re.M)
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert len(files) > 100
    assert {str(path) for path in files if imports.search(path.read_text(encoding="utf-8"))} == set()


def test_no_file_of_the_program_asks_a_library_for_an_address():
    """GDAL reads what begins so over the network."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    assert [path for path in files if re.search(r"/vsi(curl|s3|gs|az)", path.read_text(encoding="utf-8"))] == []
