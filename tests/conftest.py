"""A made-up province of four square communes, 10 km wide each, whose answers can be worked out by hand."""

import pandas as pd

# Text columns as where pyarrow, an extra, is not installed; before any schema asks what text is.
pd.set_option("mode.string_storage", "python")

import os
import shutil
import socket

import geopandas as gpd
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from shapely.geometry import box
from sqlalchemy import make_url

import workflow
from geo.crs import METRIC, STORED
from geo.places import Gazetteer
from geo.stores import open_store
from geo.workspace import SETTINGS, Workspace
from maps import outputs
from tests.postgres import Cluster, binaries

collect_ignore = ["models/mcmc_reference.py"]
"""It is run by hand, with numpyro, which tests do not need."""

settings.register_profile("diemnong", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("diemnong")

WEST, SOUTH, SIDE = 500_000.0, 2_400_000.0, 10_000.0
"""South-west corner of the squares in EPSG:9205, and their side, metres."""

NEW = ["00001", "00002", "00003", "00004"]
"""Codes: 1 2 in the south, 3 4 in the north."""


def square(column, row):
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return box(west, south, west + SIDE, south + SIDE)


def commune_layer(shapes, codes=NEW, names=("Nà Tòng", "Na Tông", "Mường Xa", "Xa Dung"), quality="official"):
    frame = gpd.GeoDataFrame(
        {
            "commune_code": list(codes),
            "vintage": "2025-07-01",
            "name": [f"Xã {name}" for name in names],
            "district": pd.array([pd.NA] * len(codes), dtype="str"),
            "area_km2": 100.0,
            "population": pd.array([1000, 2000, 3000, 4000][: len(codes)], dtype="Int64"),
            "women_children": pd.array([pd.NA] * len(codes), dtype="Int64"),
            "border_km_laos": 0.0,
            "border_km_china": 0.0,
            "geometry_quality": quality,
        },
        geometry=list(shapes),
        crs=METRIC,
    )
    return frame.to_crs(STORED)


ATTEMPTS: list[str] = []
"""What tried to reach a network, whatever became of the error that it got."""


SOCKETS: set[str] = set()
"""Folders with the socket of a database that tests may reach; psycopg connects in C, past the patch of sockets."""


SCHEDULERS: set[tuple[str, int]] = set()
"""Addresses of the schedulers that tests started themselves, and may reach."""


def refuse_network(patch):
    """Let no socket reach anything but this machine's own processes, and note who tries."""
    connect, resolve = socket.socket.connect, socket.getaddrinfo

    def refused(name):
        def attempt(*arguments, **_):
            ATTEMPTS.append(name)
            raise OSError("tests reach no network")

        return attempt

    def local_only(self, address):
        own = self.family == getattr(socket, "AF_UNIX", None) or address in SCHEDULERS
        return connect(self, address) if own else refused("connect")()

    def schedulers_only(host, *options, **named):
        known = host in {known for known, _ in SCHEDULERS}
        return (resolve if known else refused("getaddrinfo"))(host, *options, **named)

    open_session = psycopg.connect

    def own_cluster_only(conninfo="", **options):
        host = str(psycopg.conninfo.conninfo_to_dict(conninfo, **options).get("host"))
        return open_session(conninfo, **options) if host in SOCKETS else refused("psycopg")()

    patch.setattr(psycopg, "connect", own_cluster_only)
    patch.setattr(psycopg.Connection, "connect", own_cluster_only)
    patch.setattr(socket.socket, "connect", local_only)
    for name in ("connect_ex", "sendto"):
        patch.setattr(socket.socket, name, refused(name))
    patch.setattr(socket, "getaddrinfo", schedulers_only)
    patch.setattr(socket, "gethostbyname", refused("gethostbyname"))


@pytest.fixture(scope="session", autouse=True)
def no_network():
    """The program opens no connection: in all tests none can be opened."""
    with pytest.MonkeyPatch.context() as patch:
        refuse_network(patch)
        yield


@pytest.fixture(scope="session")
def cluster():
    """A PostgreSQL with PostGIS of the tests' own."""
    programs = binaries()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs PostgreSQL with PostGIS, see .ci/run")
        pytest.skip("needs PostgreSQL with PostGIS, see .ci/run")
    made = Cluster(programs, SOCKETS)
    yield made
    made.remove()


@pytest.fixture
def address(cluster):
    """The address of an empty database with PostGIS."""
    return cluster.address(cluster.new_database())


@pytest.fixture(scope="session")
def current(cluster):
    """The name of a database of the present version, to be copied: making the tables takes longer."""
    name = cluster.new_database()
    open_store(cluster.address(name)).names()
    return name


@pytest.fixture(autouse=True)
def nothing_tried():
    """Nor does it try, and go on quietly when that fails."""
    yield
    assert ATTEMPTS == []


def pytest_addoption(parser):
    parser.addoption("--store", choices=["file", "database"], default="file", help="where workspaces keep their layers")


@pytest.fixture(scope="session", autouse=True)
def chosen_store(request):
    """With ``--store database`` each workspace that a test makes has a database of its own: the same tests hold."""
    if request.config.getoption("--store") == "file":
        yield
        return
    cluster, current, create = *map(request.getfixturevalue, ("cluster", "current")), Workspace.create

    def in_database(folder, settings, layers=None):
        address = settings.store or cluster.address(cluster.new_database(template=current))
        return create(folder, settings.model_copy(update={"store": address}), layers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "create", in_database)
        yield


def pytest_collection_modifyitems(config, items):
    """Leave out with ``--store database`` what is marked so, and what has a database of its own in either case."""
    if config.getoption("--store") == "database":
        left = [item for item in items if item.get_closest_marker("file_store") or "address" in item.fixturenames]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def copied(request):
    """Return a function that copies a workspace, its database too if it has one."""

    def copy(folder, to):
        shutil.copytree(folder, to)
        settings = Workspace(to).settings
        if settings.store:
            cluster = request.getfixturevalue("cluster")
            address = cluster.address(cluster.new_database(template=make_url(settings.store).database))
            (to / SETTINGS).write_text(settings.model_copy(update={"store": address}).to_toml(), encoding="utf-8")
        return Workspace(to)

    return copy


@pytest.fixture(scope="session")
def demo_in(tmp_path_factory, copied):
    """Return a function that puts the demo's workspace into a folder: made once, as it takes seconds, and copied."""
    made = workflow.demo_workspace(tmp_path_factory.mktemp("demo") / "w")
    return lambda folder: copied(made.folder, folder)


@pytest.fixture(scope="session", autouse=True)
def blank_paper():
    """Paper takes seconds a run: runs within the tests leave its sheets blank. `diemnong map` and the wheel do not."""

    def blank(folder, shown, crs, *, lang, paper="a3", pages=None):
        names = [f"map_{paper}.pdf", f"map_{paper}.png", "atlas.pdf"]
        for name in names:
            (folder / name).write_bytes(b"")
        return names

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "write_paper", blank)
        yield


@pytest.fixture
def communes():
    return commune_layer([square(0, 0), square(1, 0), square(0, 1), square(1, 1)])


@pytest.fixture
def gazetteer(communes):
    """Old units: 00011 and 00012 became 00001; 00002 moved to the code 00003; 00014 became 00004."""
    crosswalk = pd.DataFrame(
        {
            "old_code": ["00011", "00012", "00013", "00002", "00014"],
            "new_code": ["00001", "00001", "00002", "00003", "00004"],
        }
    )
    old = pd.DataFrame(
        {
            "commune_code": crosswalk["old_code"],
            "name": ["Xã Bản Một", "Xã Bản Hai", "Xã Na Tông", "Thị trấn Mường Xa", "Xã Bản Một"],
            "district": ["Huyện Sông A", "Huyện Sông A", "Huyện Sông A", "Huyện Sông B", "Huyện Sông B"],
        }
    )
    new = communes[["commune_code", "name", "district"]]
    return Gazetteer(communes, {"2020-01-01": old, "2025-07-01": new}, crosswalk, METRIC)


@pytest.fixture
def lonlat():
    """Return a function from metres east and north of the province's corner to longitude and latitude."""

    def convert(east, north):
        point = gpd.GeoSeries.from_xy([WEST + east], [SOUTH + north], crs=METRIC).to_crs(STORED)
        return float(point.x.iloc[0]), float(point.y.iloc[0])

    return convert
