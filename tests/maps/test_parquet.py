import importlib.util
import json

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
from geopandas.testing import assert_geodataframe_equal

from geo.errors import WorkspaceError
from maps.parquet import require_parquet, write_parquet
from tests.maps.map_content import SIDE, SOUTH, WEST, content


def test_layers_come_back_as_they_went(tmp_path):
    given = content()
    write_parquet(tmp_path, {"communes": given.communes, "crossings": given.crossings})
    assert_geodataframe_equal(gpd.read_parquet(tmp_path / "communes.parquet"), given.communes)
    back = gpd.read_parquet(tmp_path / "crossings.parquet")
    assert back.geometry.isna().tolist() == [False, False, True]
    assert back["name"].tolist() == given.crossings["name"].tolist()


def test_it_is_of_version_1_1_with_boxes_by_which_rows_are_skipped(tmp_path):
    write_parquet(tmp_path, {"communes": content().communes})
    about = json.loads(pq.read_metadata(tmp_path / "communes.parquet").metadata[b"geo"])
    column = about["columns"]["geometry"]
    assert about["version"] == "1.1.0"
    assert column["encoding"] == "WKB"
    assert column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    np.testing.assert_allclose(column["bbox"], [WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 2 * SIDE])
    west = gpd.read_parquet(tmp_path / "communes.parquet", bbox=(WEST, SOUTH, WEST + SIDE / 2, SOUTH + SIDE / 2))
    assert west["commune_code"].tolist() == ["00001"]


def test_the_same_layer_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_parquet(tmp_path, {name: content().communes})
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_without_pyarrow_it_is_said_how_to_get_it(monkeypatch):
    require_parquet()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WorkspaceError, match=r"pip install 'diemnong\[parquet\]'"):
        require_parquet()
