"""The folder that may leave: what an attacker works out of it, what the ledger refuses, and what a user is told."""

import json
import sqlite3
from collections import Counter
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workflow
from geo.adjacency import touching
from geo.crs import METRIC
from geo.errors import ReleaseError, WorkspaceError
from geo.workspace import Workspace
from maps.publication import FILES, write_publication
from maps.release import Level
from models.disclosure import KINDS, protect
from models.disclosure_zones import zone_tree
from tests import figure_attack
from tests.conftest import commune_layer, square
from tests.maps.html_reader import Page
from tests.workflow import small_province
from tests.workflow.small_province import CODES
from workflow.publication_ledger import PUBLICATIONS, releases_of
from workflow.publishing import public_content

K, YEARS = 5, (2013, 2017)
NAMES = "ABCDEFGHIJKL"


def province(n):
    """Return ``n`` square communes in rows of three, with populations that fall from the first to the last."""
    layers = [commune_layer([square(i % 3, i // 3)], [f"{i:05}"], NAMES[i]) for i in range(n)]
    return pd.concat(layers, ignore_index=True).assign(population=[1000 * (n - i) for i in range(n)])


def published(folder, communes, counts):
    middles = communes.to_crs(METRIC).representative_point()
    xy = np.column_stack([middles.x, middles.y])
    tree = zone_tree(communes["population"].to_numpy(dtype=float), touching(communes, METRIC), xy)
    publication, _ = protect(counts, tree, [], K)
    more = {"earlier": 0, "made_on": "2018-01-02", "simulated": True, "title": "T", "lang": "vi"}
    content = public_content(communes, publication, years=YEARS, **more)
    folder.mkdir(exist_ok=True)
    write_publication(folder, content)
    return content


class TestAttack:
    @settings(max_examples=8)
    @given(data=st.data(), n=st.integers(3, 7))
    def test_who_reads_every_file_bounds_no_count_closely(self, tmp_path, data, n):
        communes = province(n)
        counts = pd.DataFrame(
            {kind: data.draw(st.lists(st.integers(0, 12), min_size=n, max_size=n)) for kind in KINDS},
            index=pd.Index(communes["commune_code"], name="commune_code"),
        )
        counts.iloc[0, 0] += K  # somebody is there to be published
        published(tmp_path / "public", communes, counts)
        told = figure_attack.statements(tmp_path / "public", YEARS[1] - YEARS[0] + 1)
        found = figure_attack.feasible(list(communes["name"]), told)
        truth = counts.assign(persons=counts.sum(axis=1))[["persons", *KINDS]].to_numpy().ravel()
        assert (found["least"] <= truth + 0.01).all()
        assert (found["most"] >= truth - 0.01).all()
        assert (found["most"] - found["least"]).min() >= K - 0.01

    def test_the_same_attack_reads_an_unprotected_publication(self):
        """Counts below five left out of a table with all its sums: every one of them is found, to the person."""
        communes = province(3)
        counts = pd.DataFrame({"victims": [3, 9, 8], "absences": [9, 2, 7]}, index=communes["commune_code"])
        found = figure_attack.feasible(list(communes["name"]), figure_attack.exact(communes, counts, K))
        assert (found["most"] - found["least"]).max() == pytest.approx(0)
        assert found.loc[("Xã A", "victims"), "least"] == pytest.approx(3)

    def test_every_file_says_the_same_ranges_and_no_more(self, tmp_path):
        communes = province(4)
        counts = pd.DataFrame({"victims": [26, 5, 1, 7], "absences": [0, 9, 4, 40]}, index=communes["commune_code"])
        content = published(tmp_path / "public", communes, counts)
        told = Counter(figure_attack.statements(tmp_path / "public", 5))
        # Table, workbook, report, and the report as text in two languages; zones stand on the map too.
        assert set(told.values()) == {5, 6}
        figures = {(names, kind) for names, kind, low, _ in told if float(low).is_integer()}
        assert len(figures) == 3 * (len(content.zones) + 1) - content.not_shown


def test_hostile_names_are_text_in_every_page(tmp_path):
    hostile = """<script>x('`${1}`')</script>&"\\"""
    communes = province(3).assign(name=[hostile, "=1+1", "B"])
    counts = pd.DataFrame({"victims": [9, 9, 9], "absences": 0}, index=communes["commune_code"])
    published(tmp_path / "public", communes, counts)
    for name in ("map.html", "publication_report.html"):
        page = (tmp_path / "public" / name).read_text(encoding="utf-8")
        assert "<script" not in page
        assert "script-src" not in page  # no script may run at all
        assert "default-src 'none'" in page
        assert hostile in Page(page).text
    assert "'=1+1" in (tmp_path / "public" / "zones.csv").read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """Make a workspace of four communes with 6, 9, 1 and 7 victims, one a case."""
    folder = tmp_path_factory.mktemp("publishing")
    made = small_province.make(folder / "w")
    add(made, folder, 6, 9, 1, 7)
    return made


def add(workspace, folder, *victims, name="first"):
    codes = [code for code, n in zip(CODES, victims, strict=False) for _ in range(n)]
    same = {"date": "2015-03-01", "vintage": "2025-07-01", "victims": 1, "source": "police"}
    ids = [f"{name}-{i}" for i in range(len(codes))]
    small_province.add(workspace, "cases", folder, case_id=ids, commune_code=codes, **same)


@pytest.fixture
def workspace(base, tmp_path):
    workflow.backup(base.folder, tmp_path / "b.zip")
    workflow.restore(tmp_path / "b.zip", tmp_path / "w")
    return Workspace(tmp_path / "w")


class TestPublish:
    def test_the_folder_holds_what_may_leave_and_says_its_level(self, workspace, tmp_path):
        made = workflow.publish(workspace, out=tmp_path / "out", now=datetime(2018, 1, 2, tzinfo=UTC))
        assert sorted(path.name for path in made.folder.iterdir()) == sorted([*FILES, "run.json"])
        manifest = json.loads((made.folder / "run.json").read_text(encoding="utf-8"))
        assert (manifest["release_level"], manifest["data_kind"], manifest["k"]) == ("public", "simulated", K)
        table = pd.read_csv(made.folder / "zones.csv", encoding="utf-8-sig")
        # In the tree the first two join, then the third, of one person, then the fourth.
        assert table["communes"].fillna("").tolist() == ["Xã Nà Tòng, Xã Na Tông, Xã Mường Xa", "Xã Xa Dung", ""]
        # 16, 7 and 23 persons; 5–14 beside 15–24 in all would narrow 16 down to 15–19.
        assert table["persons_low"].fillna(0).tolist() == [15, 0, 15]
        assert set(table["data_kind"]) == {"simulated"}
        page = (made.folder / "map.html").read_text(encoding="utf-8")
        assert "02/01/2018. Có giá trị đến 01/07/2018. " in page
        assert "Mức phát hành: công khai." in page
        for name in ("map.html", "publication_report.html", "publication_report.txt"):
            assert "MÔ PHỎNG" in (made.folder / name).read_text(encoding="utf-8")

    def test_no_hash_of_the_records_leaves(self, workspace, tmp_path):
        """With it whoever has a guess of all records could tell whether it is right."""
        made = workflow.publish(workspace, out=tmp_path / "out")
        listed = (workspace.folder / "workspace.sha256").read_text(encoding="utf-8").split()[::2]
        text = (made.folder / "run.json").read_text(encoding="utf-8")
        assert not any(digest in text for digest in listed)

    def test_the_month_of_the_first_record_is_not_told(self, workspace, tmp_path):
        made = workflow.publish(workspace, out=tmp_path / "out")
        assert made.content.years == (2015, 2015)
        assert not any(b"2015-03" in path.read_bytes() for path in made.folder.iterdir())

    @pytest.mark.parametrize(
        ("asked", "why"),
        [
            ({"k": 4}, "rests on at least 5"),
            ({"level": Level.PLANNER}, "Only --level public"),
            ({"k": 40}, "Fewer than 40"),
        ],
    )
    def test_what_cannot_be_promised_is_refused_and_leaves_nothing(self, workspace, tmp_path, asked, why):
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        with pytest.raises(ReleaseError, match=why) as refused:
            workflow.publish(workspace, out=tmp_path / "out", **asked)
        assert refused.value.exit_code == 4
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


class TestLedger:
    def test_a_release_is_noted_and_its_hash_kept(self, workspace):
        workflow.publish(workspace)
        (release,) = releases_of(workspace.folder)
        assert sum(map(sum, release.counts.values())) == 23
        assert workflow.verify(workspace.folder).is_whole
        (workspace.folder / PUBLICATIONS).write_bytes(b"damaged")
        assert workflow.verify(workspace.folder).damaged == (PUBLICATIONS,)
        with pytest.raises(WorkspaceError, match="restore it from a backup"):
            workflow.publish(workspace)

    @pytest.mark.parametrize("new", [1, 4])
    def test_few_new_persons_are_not_published(self, workspace, tmp_path, new):
        workflow.publish(workspace)
        add(workspace, tmp_path, new, name="second")
        with pytest.raises(ReleaseError, match="Fewer than 5 persons changed"):
            workflow.publish(workspace, out=tmp_path / "out")
        assert not (tmp_path / "out").exists()
        assert len(releases_of(workspace.folder)) == 1

    def test_enough_new_persons_are(self, workspace, tmp_path):
        workflow.publish(workspace)
        add(workspace, tmp_path, 5, name="second")
        workflow.publish(workspace)
        assert len(releases_of(workspace.folder)) == 2
        first, second = releases_of(workspace.folder)
        assert sum(map(sum, second.counts.values())) - sum(map(sum, first.counts.values())) == 5

    def test_the_same_records_are_published_to_the_same_bytes(self, workspace, tmp_path):
        now = datetime(2018, 1, 2, tzinfo=UTC)
        one, other = (workflow.publish(workspace, out=tmp_path / name, now=now).folder for name in ("a", "b"))
        for name in ("zones.csv", "zones.xlsx", "map.html"):
            assert (one / name).read_bytes() == (other / name).read_bytes()

    def test_it_is_a_plain_database(self, workspace):
        workflow.publish(workspace)
        with sqlite3.connect(workspace.folder / PUBLICATIONS) as ledger:
            (row,) = ledger.execute("SELECT k, vintage, length(sha256) FROM releases").fetchall()
        assert row == (K, "2025-07-01", 64)


def test_zones_cover_the_province_once(workspace):
    made = workflow.publish(workspace)
    zones = made.content.zones.to_crs(METRIC)
    assert isinstance(zones, gpd.GeoDataFrame)
    assert zones.area.sum() == pytest.approx(4e8, rel=1e-3)
    assert zones.union_all().area == pytest.approx(4e8, rel=1e-3)
