import pandas as pd
import pytest

from geo.intake.place_cells import in_parts, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Bản Thử, xã Sín Thầu, huyện Mường Nhé", ("xã Sín Thầu", "huyện Mường Nhé", "Bản Thử")),
        ("Xã Sín Thầu, huyện Mường Nhé, tỉnh Điện Biên", ("Xã Sín Thầu", "huyện Mường Nhé", None)),
        ("Sín Thầu - Mường Nhé", ("Sín Thầu", "Mường Nhé", None)),
        ("bản Thử, Sín Thầu", ("Sín Thầu", None, "bản Thử")),
        ("Sín Thầu, tỉnh Điện Biên", ("Sín Thầu", None, None)),
        ("Sín Thầu", None),
        ("Toả-Tình", None),
        ("Sín Thầu, Nậm Kè", None),
        ("xã Sín Thầu, xã Nậm Kè", None),
        ("huyện Mường Nhé, huyện Nậm Pồ", None),
        ("huyện Mường Nhé, xã Sín Thầu", None),
        ("Tỉnh Điện Biên", None),
    ],
)
def test_a_text_is_read_in_parts_if_it_names_one_commune(text, parts):
    read = parts_of(text)
    assert parts == (read and tuple(map(read.get, ("commune", "district", "village"))))


def test_parts_go_where_the_row_is_empty_and_never_against_it():
    text = "xã Sín Thầu, huyện Mường Nhé"
    cells = pd.DataFrame(
        {"commune": [text] * 3 + ["Nậm Kè"], "district": [None, "Mường Nhé", "Nậm Pồ", None]}, dtype=object
    )
    read, rows = in_parts(cells)
    assert rows.tolist() == [0, 1]
    assert read["commune"].tolist() == ["xã Sín Thầu", "xã Sín Thầu", text, "Nậm Kè"]
    assert read["district"].tolist() == ["huyện Mường Nhé", "Mường Nhé", "Nậm Pồ", None]
    assert cells["commune"].tolist() == [text] * 3 + ["Nậm Kè"]
