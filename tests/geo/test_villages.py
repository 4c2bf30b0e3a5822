import pytest

from geo.errors import IntakeError
from geo.villages import COLUMNS, load_villages


@pytest.fixture
def load(tmp_path, gazetteer):
    def read(text, **options):
        path = tmp_path / "villages.csv"
        path.write_text(text, encoding="utf-8")
        return load_villages(path, gazetteer, **options)

    return read


def test_a_sound_list_keeps_code_and_vintage_of_each_village(load, lonlat):
    lon, lat = lonlat(1_000, 1_000)
    listed = load(
        "village,commune_code,commune,district,vintage,lon,lat\n"
        f"Bản Trên,00012,,,2020-01-01,{lon},{lat}\n"
        "Bản Dưới,,Bản Một,Sông B,2020-01-01,,\n"
        "Bản Giữa,4,,,,,\n"
    )
    assert listed.usable
    assert listed.findings == ()
    assert list(listed.villages) == list(COLUMNS)
    assert listed.villages[["village", "commune_code", "vintage"]].to_numpy().tolist() == [
        ["Bản Trên", "00012", "2020-01-01"],
        ["Bản Dưới", "00014", "2020-01-01"],
        ["Bản Giữa", "00004", "2025-07-01"],
    ]
    assert listed.villages.loc[0, ["lon", "lat"]].tolist() == [lon, lat]


def test_what_is_wrong_with_a_list_is_told_by_rows(load, lonlat):
    lon, lat = lonlat(1_000, 1_000)
    listed = load(
        "village,commune_code,district,lon,lat\n"
        ",00001,,,\n"
        "Bản Một,99999,,,\n"
        "Bản Hai,00001,,x,\n"
        f"Bản Ba,00001,,{lon},\n"
        "Bản Bốn,00001,,20,20\n"
        "Bản Năm,,Sông A,,\n"
        f"Bản Sáu,00004,,{lon},{lat}\n"
        "Bản Bảy,00004,,,\n"
    )
    assert not listed.usable
    assert [(finding.level, str(finding.message)) for finding in listed.findings] == [
        ("error", "rows 2: village is empty"),
        ("error", "rows 4: lon is not a number"),
        ("error", "rows 5: lat is empty while lon is given"),
        ("error", "rows 3: commune_code is not the code of any commune"),
        ("error", "rows 7: district has no place below the district"),
        ("error", "rows 6: lon lies outside the province"),
        ("warning", "rows 8: lon lies in another commune than the row says"),
    ]
    assert list(listed.villages["village"]) == ["Bản Sáu", "Bản Bảy"]


def test_codes_are_of_the_vintage_that_the_caller_names(load):
    text = "village,commune_code\nBản Một,00002\n"
    assert load(text, vintage="2020-01-01").villages["vintage"].tolist() == ["2020-01-01"]
    assert load(text).villages["vintage"].tolist() == ["2025-07-01"]


def test_a_list_without_its_columns_is_explained(load):
    with pytest.raises(IntakeError, match="needs the columns village, and commune_code or commune"):
        load("village,lon,lat\nBản Một,103,21\n")
