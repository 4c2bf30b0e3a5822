import os
import shutil
import signal
import socket
import sys
import time
from itertools import count

import dask.config
import numpy as np
import pytest
import shapely

from geo import cluster as geo_cluster
from geo.cluster import AHEAD, Cluster
from geo.crs import METRIC
from geo.density import KernelDensity, density_tiles
from geo.errors import ClusterError, ModelError
from geo.grid import Grid
from geo.workers import LOCAL, InTurn, checked_scheduler, workers_at
from tests.conftest import SCHEDULERS
from tests.dask_cluster import LOSSES, DaskCluster, certificates
from tests.geo import cluster_pieces as pieces


@pytest.fixture(scope="module")
def one():
    made = DaskCluster(SCHEDULERS)
    made.add_worker()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def two(one):
    """With two workers; tests of one come before."""
    one.add_worker()
    one.wait_for(2)
    return one


def surface(workers):
    rng = np.random.default_rng(3)
    x, y = rng.uniform(510_000, 530_000, 200), rng.uniform(2_405_000, 2_425_000, 200)
    area = shapely.Point(520_000, 2_415_000).buffer(20_000)
    model = KernelDensity("quartic", 3_000.0, adaptive=True, edge_correction="uniform").fit(x, y, area=area)
    grid = Grid.covering((495_000, 550_000, 2_390_000, 2_440_000), 50.0, METRIC)
    tiles = density_tiles(model, grid, cells=300_000, workers=workers)
    return [(tile, values.tobytes()) for tile, values in tiles]


@pytest.fixture(scope="module")
def in_turn():
    return surface(InTurn()), list(InTurn().map(pieces.drawn, range(30), 1000, 0.1))


class TestResults:
    def test_one_worker_gives_the_same_bits(self, one, in_turn):
        tiles, numbers = in_turn
        assert len(tiles) > 3
        with Cluster(one.address) as workers:
            assert surface(workers) == tiles
            np.testing.assert_array_equal(list(workers.map(pieces.drawn, range(30), 1000, 0.1)), numbers)

    def test_two_workers_give_the_same_bits(self, two, in_turn):
        tiles, numbers = in_turn
        with workers_at(two.address) as workers:
            assert surface(workers) == tiles
            np.testing.assert_array_equal(list(workers.map(pieces.drawn, range(30), 1000, 0.1)), numbers)

    def test_a_piece_takes_one_thread(self, two):
        """Linear algebra too, by dask's own configuration: others are at work beside it."""
        with Cluster(two.address) as workers:
            assert set(workers.map(pieces.threads, range(4))) == {1}

    def test_few_pieces_are_held_at_a_time(self, two, tmp_path):
        taken = count()
        with Cluster(two.address) as workers:
            results = workers.map(pieces.told, (next(taken) for _ in range(10_000)), str(tmp_path))
            assert [next(results) for _ in range(20)] == list(range(20))
            assert next(taken) <= 20 + 2 * AHEAD
            results.close()
            time.sleep(0.5)
            assert len(list(tmp_path.iterdir())) <= 20 + 2 * AHEAD

    def test_a_piece_that_lasts_holds_no_other_up(self, two, tmp_path):
        last = 2 * AHEAD - 1
        with Cluster(two.address) as workers:
            list(workers.map(pieces.threads, range(20)))  # of which dask learns that pieces take no time
            results = workers.map(pieces.waits_for_later_ones, range(last + 1), str(tmp_path), last)
            assert list(results) == [True] * (last + 1)

    def test_much_may_be_shared(self, two):
        much = bytes(20_000_000)
        with Cluster(two.address) as workers:
            assert list(workers.map(pieces.length, range(3), much)) == [20_000_000] * 3

    def test_no_piece_no_result(self, two):
        with Cluster(two.address) as workers:
            assert list(workers.map(pieces.drawn, [], 1, 1.0)) == []


class TestFailures:
    def test_an_error_of_a_piece_arrives_as_it_was_raised(self, two):
        with Cluster(two.address) as workers, pytest.raises(ModelError) as caught:
            list(workers.map(pieces.not_possible, [7]))
        assert str(caught.value) == "7 of {2}"
        assert caught.value.message.template == "{n} of {what}"

    def test_a_piece_for_which_there_is_no_memory_says_so(self, two):
        with Cluster(two.address) as workers, pytest.raises(MemoryError):
            list(workers.map(pieces.too_large, [1]))

    def test_an_error_that_nobody_foresaw_tells_its_place_and_no_row_anywhere(self, two):
        with Cluster(two.address) as workers, pytest.raises(ClusterError) as caught:
            list(workers.map(pieces.unforeseen, [1], pieces.TOLD))
        assert "TypeError at geo.cluster" in str(caught.value)
        with Cluster(two.address) as workers, pytest.raises(ClusterError) as caught:
            list(workers.map(pieces.unforeseen, [1]))
        assert "ValueError at tests.geo.cluster_pieces:" in str(caught.value)
        assert pieces.TOLD not in str(caught.value)
        assert pieces.TOLD not in two.log()

    def test_a_worker_that_is_killed_in_the_middle_changes_nothing(self, two, tmp_path):
        before = two.pids()
        with Cluster(two.address) as workers:
            assert list(workers.map(pieces.killed_once, range(12), str(tmp_path / "killed"))) == list(range(12))
        assert (tmp_path / "killed").exists()
        assert set(two.pids()) != set(before)

    def test_a_piece_that_takes_more_memory_than_workers_have_is_explained(self, two):
        with Cluster(two.address) as workers, pytest.raises(ClusterError) as caught:
            list(workers.map(pieces.takes_all_memory, [1]))
        assert caught.value.message.values == {"address": two.address, "n": LOSSES + 1}
        assert "--memory-limit" in str(caught.value)
        with Cluster(two.address) as workers:  # and others are served on
            assert list(workers.map(pieces.drawn, [1], 1, 0.0)) == [0.0]

    def test_a_worker_of_another_version_is_refused(self, two, monkeypatch):
        ours = {**geo_cluster._versions(), "numpy": "1.0"}
        monkeypatch.setattr(geo_cluster, "_versions", lambda: ours)
        with Cluster(two.address) as workers, pytest.raises(ClusterError, match=r"numpy \S+, this process 1\.0"):
            list(workers.map(pieces.drawn, [1], 1, 0.0))


class TestScheduler:
    def test_none_at_the_address_is_said_within_seconds(self, monkeypatch):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        SCHEDULERS.add(("127.0.0.1", port))
        monkeypatch.setattr(geo_cluster, "CONNECT_S", 1)
        begun = time.monotonic()
        with pytest.raises(ClusterError, match=rf"^tcp://127.0.0.1:{port}: no scheduler answers within 1 seconds"):
            workers_at(f"tcp://127.0.0.1:{port}").__enter__()
        assert time.monotonic() - begun < 10

    def test_tls_without_certificates_is_explained(self):
        for configuration in ({}, {"distributed.comm.tls.ca-file": "/not/there.pem"}):
            with dask.config.set(configuration), pytest.raises(ClusterError, match="no TLS without certificates"):
                Cluster("tls://127.0.0.1:8786").__enter__()

    def test_where_encryption_is_demanded_there_is_no_other_way(self):
        demanded = dask.config.set({"distributed.comm.require-encryption": True})
        with demanded, pytest.raises(ClusterError, match="encrypted connections only; name the scheduler as tls://"):
            Cluster("tcp://127.0.0.1:8786").__enter__()

    @pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make certificates")
    def test_tls_takes_the_certificates_of_dasks_configuration(self, tmp_path):
        configuration = certificates(tmp_path)
        secure = DaskCluster(SCHEDULERS, configuration)
        secure.add_worker()
        try:
            assert secure.address.startswith("tls://")
            with dask.config.set(configuration), Cluster(secure.address) as workers:
                assert list(workers.map(pieces.drawn, [1], 1, 0.0)) == [0.0]
        finally:
            secure.stop()

    def test_no_worker_for_long_is_explained(self, monkeypatch):
        lonely = DaskCluster(SCHEDULERS)
        monkeypatch.setattr(geo_cluster, "LOOK_S", 1)
        monkeypatch.setattr(geo_cluster, "PATIENCE_S", 2)
        try:
            with Cluster(lonely.address) as workers, pytest.raises(ClusterError, match="no worker for 2 seconds"):
                list(workers.map(pieces.drawn, [1], 1, 1.0))
        finally:
            lonely.stop()

    def test_one_that_goes_away_in_the_middle_is_explained(self):
        going = DaskCluster(SCHEDULERS)
        going.add_worker()
        try:
            with Cluster(going.address) as workers:
                results = workers.map(pieces.drawn, count(), 1, 1.0)
                next(results)
                os.kill(going.scheduler.pid, signal.SIGKILL)
                with pytest.raises(ClusterError, match="the scheduler went away before the work was done"):
                    list(results)
        finally:
            going.stop()


def test_without_the_libraries_it_is_said_how_to_install_them(monkeypatch):
    monkeypatch.delitem(sys.modules, "geo.cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'diemnong\[cluster\]'"):
        workers_at("tcp://127.0.0.1:8786")


@pytest.mark.parametrize("address", [LOCAL, "tcp://10.0.0.1:8786", "tls://head-1.office:8786", "tcp://[fd00::1]:8786"])
def test_addresses_of_schedulers_are_taken(address):
    assert checked_scheduler(address) == address


@pytest.mark.parametrize(
    "address", ["", "tcp://host", "http://host:1", "tcp://me:word@host:8786", "tcp://host:8786/", "dask", "inproc://1"]
)
def test_what_is_no_address_of_a_scheduler_is_refused_and_not_repeated(address):
    with pytest.raises(ClusterError) as caught:
        checked_scheduler(address)
    assert str(caught.value) == "A scheduler is named as tcp://host:8786 or tls://host:8786, or local for this machine"
