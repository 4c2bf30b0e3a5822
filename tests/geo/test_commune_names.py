"""The names of both vintages, each with typical typing errors: none may be read as another commune."""

import numpy as np
import pytest
from rapidfuzz.distance import OSA

from geo.boundaries import crosswalk, facts, former_names
from geo.commune_names import MARGIN, CommuneNames
from geo.names import bare, fold, is_whole, names_no_place, sound
from geo.schema import VINTAGES

TYPOS = 12
"""Tries of each name."""
LETTERS = "abcdeghiklmnopqrstuvxyàáạảãâêôơưăđ"


@pytest.fixture(scope="module")
def names():
    return CommuneNames({vintage: facts(vintage) for vintage in VINTAGES}, crosswalk(), former_names())


@pytest.fixture(scope="module")
def units():
    return [
        (vintage, code, name) for vintage in VINTAGES for code, name in facts(vintage)[["commune_code", "name"]].values
    ]


def typo(name, rng):
    """Return the name with one letter changed, lost, added, or swapped with the next."""
    at = rng.integers(len(name))
    rest = name[at + 1 :]
    return rng.choice(
        [
            name[:at] + rng.choice(list(LETTERS)) + rest,
            name[:at] + rest,
            name[:at] + rng.choice(list(LETTERS)) + name[at:],
            name[:at] + rest[:1] + name[at] + rest[1:],
        ]
    )


def typos(units, times=1):
    """Return (vintage, code, name, the name with errors) for every unit."""
    rng = np.random.default_rng(20250701)
    for vintage, code, name in units:
        for _ in range(TYPOS):
            wrong = bare(name)
            for _ in range(times):
                wrong = typo(wrong, rng)
            yield vintage, code, name, wrong


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("times", [1, 2])
def test_a_name_with_wrong_letters_is_never_read_as_another_commune(names, units, given, times):
    fuzzy = 0
    for vintage, code, _, wrong in typos(units, times):
        found = names.find(wrong, "", vintage, given=given)
        if found.placement == "fuzzy":
            fuzzy += 1
            # Of two vintages that have the name either may be meant where a row gives none; that is declared.
            assert found.code == code or (not given and found.twin_code == code)
        elif found.placement == "name" and found.code != code:
            # The error made another commune's name, and nobody can tell.
            assert sound(wrong) in {sound(name) for *_, name in units}
    assert fuzzy > 100


@pytest.mark.parametrize("default", VINTAGES)
def test_a_name_kept_with_the_vintage_that_was_found_is_found_again(names, units, default):
    for *_, name, wrong in typos(units):
        for text in (name, wrong):
            found = names.find(text, "", default, given=False)
            if found.code:
                again = names.find(text, "", found.vintage, given=True)
                assert (again.code, again.placement) == (found.code, found.placement)


def test_most_names_with_a_wrong_letter_are_read_if_no_other_is_near(names, units):
    texts = {fold(name) for *_, name in units} | {fold(name) for name in facts(VINTAGES[0])["district"]}
    alone = [u for u in units if all(t == fold(u[2]) or OSA.distance(t, fold(u[2])) > MARGIN for t in texts)]
    wrong = [(v, code, name) for v, code, _, name in typos(alone) if fold(name) not in texts]
    right = sum(names.find(name, "", v, given=True).code == code for v, code, name in wrong)
    assert len(alone) > 60
    assert right / len(wrong) >= 0.9


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_name_means_its_unit(names, vintage):
    for code, name, district in facts(vintage)[["commune_code", "name", "district"]].fillna("").values:
        assert names.find(name, district, vintage, given=True).code == code
        assert names.find(name.upper(), "", vintage, given=True).code == code
        found = names.find(fold(name), district, vintage, given=True)
        # Two communes of one district do not fold alike.
        assert found.code == code
        assert found.repair is None


@pytest.mark.parametrize(
    ("name", "district", "code", "vintage"),
    [
        # The name went over to another commune in 2025; the kind or the district tells which is meant.
        ("Mường Chà", "", "03166", "2025-07-01"),
        ("TT Mường Chà", "", "03172", "2020-01-01"),
        ("Mường Chà", "Huyện Mường Chà", "03172", "2020-01-01"),
        ("Mường Chà", "Nậm Pồ", "03166", "2025-07-01"),
        # Moved to the city, or merged, in 2019.
        ("Nà Tấu", "Huyện Điện Biên", "03316", "2020-01-01"),
        ("Tà Lèng", "TP ĐBP", "03145", "2020-01-01"),
        ("Him Lam", "", "03127", "2020-01-01"),
        ("Mường Lai", "", "03151", "2025-07-01"),
        ("P. ĐBP", "", "03127", "2025-07-01"),
    ],
)
def test_names_of_both_vintages_in_a_file_that_names_none(names, name, district, code, vintage):
    found = names.find(name, district, "2025-07-01", given=False)
    assert (found.code, found.vintage) == (code, vintage)


@pytest.mark.parametrize("name", ["TP ĐBP", "Nậm Pồ", "huyện Mường Nhé", "Điện Biên Đông"])
def test_a_district_in_the_place_of_a_commune_stays_unplaced(names, name):
    assert names.find(name, "", "2025-07-01", given=False).placement == "unplaced"


def test_a_mend_is_the_one_name_that_comes_nearest(names):
    assert names.find("Mường Nhéc", "", VINTAGES[0], given=True).mend == "Xã Mường Nhé"
    # One letter off Mường Ảng and Mường Đăng alike.
    assert names.find("Mường Đng", "", VINTAGES[0], given=True).mend is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Na Tòng", "is the name of more than one commune: give the district or the code"),
        (
            "Mường Nhéc",
            "is not the name of a commune of 2020-01-01; near it are: Xã Mường Nhé, Xã Mường Nhà, Thị trấn Mường Chà",
        ),
        ("Hà Nội", "is not the name of a commune of 2020-01-01"),
        ("Sáng Nhè", "is not the name of a commune of 2020-01-01; it is one of 2025-07-01: give the vintage"),
        ("Zzzzzzzz", "is not the name of a commune of 2020-01-01"),
    ],
)
def test_what_is_not_read_is_refused_with_the_mend(names, name, reason):
    found = names.find(name, "", "2020-01-01", given=True)
    assert (found.code, str(found.reason)) == (None, reason)


@pytest.mark.parametrize(
    "text", ["Toàn tỉnh", "TOAN TINH", "Cả tỉnh", "Tỉnh Điện Biên", "Toàn huyện Mường Nhé", "Toàn xã"]
)
def test_a_whole_unit_is_no_commune_and_no_district(names, text):
    for asked in ((text, ""), ("Sín Thầu", text)):
        found = names.find(*asked, VINTAGES[1], given=False)
        assert found.placement == "refused"
        assert str(found.reason).startswith("means a whole unit")
    assert names.district(text) is None


def test_words_that_name_no_place_are_like_no_name(names, units):
    found = names.find("Ngoài tỉnh", "", VINTAGES[1], given=False)
    assert (found.code, found.mend) == (None, None)
    known = [*(name for *_, name in units), *facts(VINTAGES[0])["district"].unique()]
    assert [name for name in known if names_no_place(name) or is_whole(name)] == []
