import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import boundaries
from geo.crosswalks import Crosswalk
from geo.errors import SchemaError
from geo.vintages import carry

FIRST, SECOND, THIRD = "2013-01-01", "2020-01-01", "2025-07-01"


def walk(old, new, *parts):
    return Crosswalk(old, new, pd.DataFrame(parts, columns=["old_code", "new_code", "population", "area_km2"]))


@pytest.fixture
def chain():
    """A village group of 00001 goes to the town 00012; in the third vintage 00011 and 00012 are one, 00013 is split."""
    return [
        walk(FIRST, SECOND, ("00001", "00011", 750, 4), ("00001", "00012", 250, 6), ("00002", "00012", None, None)),
        walk(
            SECOND,
            THIRD,
            ("00011", "00021", 700, 5),
            ("00012", "00021", 900, 5),
            ("00013", "00021", 1, 1),
            ("00013", "00022", 2, 1),
        ),
    ]


def counts(**values):
    return pd.DataFrame({"n": list(values.values())}, index=[code.removeprefix("c") for code in values])


def carried(*arguments, **options):
    return carry(*arguments, **options).counts["n"].to_dict()


def test_whole_units_move_and_split_ones_are_divided(chain):
    given = counts(c00001=8, c00002=5)
    assert carried(given, FIRST, SECOND, crosswalks=chain) == {"00011": 6.0, "00012": 7.0}
    assert carried(given, FIRST, SECOND, crosswalks=chain, weight="area") == pytest.approx({"00011": 3.2, "00012": 9.8})


def test_the_report_lists_each_split_unit_with_its_parts(chain):
    found = carry(counts(c00001=8, c00002=5), FIRST, SECOND, crosswalks=chain)
    assert found.split.to_dict("list") == {
        "from_code": ["00001", "00001"],
        "to_code": ["00011", "00012"],
        "share": [0.75, 0.25],
    }
    assert str(found.message) == "Carried from 2013-01-01 to 2020-01-01: 1 units were split by population (00001)"


def test_what_parted_and_met_again_on_the_way_is_whole(chain):
    found = carry(counts(c00001=7), FIRST, THIRD, crosswalks=chain)
    assert found.counts["n"].to_dict() == {"00021": 7.0, "00022": 0.0}
    assert found.split.empty
    assert str(found.message) == "Carried from 2013-01-01 to 2025-07-01: every unit lies whole in one"


def test_counts_go_back_by_the_people_of_the_parts(chain):
    assert carried(counts(c00021=1601), THIRD, SECOND, crosswalks=chain) == pytest.approx(
        {"00011": 700, "00012": 900, "00013": 1}
    )


def test_whole_numbers_stay_whole_by_largest_remainders(chain):
    # Of 10 cases 4.375, 5.625 and 0.006 fall to the parts: the remainder of 00012 is the largest.
    found = carry(counts(c00021=10), THIRD, SECOND, crosswalks=chain, integer=True).counts["n"]
    assert found.to_dict() == {"00011": 4, "00012": 6, "00013": 0}
    assert found.dtype == "int64"


def test_each_column_is_rounded_by_itself(chain):
    given = pd.DataFrame({"a": [1, 5], "b": [2, 0], "c": [3, 1]}, index=["00001", "00002"])
    found = carry(given, FIRST, SECOND, crosswalks=chain, integer=True).counts
    assert found.to_dict("list") == {"a": [1, 5], "b": [2, 0], "c": [2, 2]}


def test_of_equal_remainders_the_smaller_code_gets_the_rest():
    halves = [walk(FIRST, SECOND, ("00001", "00012", 1, 1), ("00001", "00011", 1, 1), ("00001", "00013", 1, 1))]
    assert carried(counts(c00001=4), FIRST, SECOND, crosswalks=halves, integer=True) == {
        "00011": 2,
        "00012": 1,
        "00013": 1,
    }


def test_the_129_units_carried_to_45_give_their_census():
    old, new = (boundaries.facts(vintage).set_index("commune_code")[["population"]] for vintage in (SECOND, THIRD))
    found = carry(old, SECOND, THIRD, integer=True)
    assert found.counts["population"].tolist() == new["population"].tolist()
    assert found.split.empty
    back = carry(new, THIRD, SECOND, integer=True)
    assert back.counts["population"].tolist() == old["population"].tolist()
    assert str(back.message) == (
        "Carried from 2025-07-01 to 2020-01-01: 45 units were split by population "
        "(03127, 03151, 03158, 03160, 03162, 03163, 03164, 03166, …)"
    )


CENSUS = "2019-04-01"


def test_units_of_before_2020_that_moved_whole_are_carried():
    """Tà Lèng (03144) was merged into Thanh Minh (03145), Nà Tấu (03316) only changed its district."""
    given = counts(c03144=2, c03145=3, c03316=4)
    found = carried(given, CENSUS, SECOND)
    assert {code: n for code, n in found.items() if n} == {"03145": 5.0, "03316": 4.0}
    assert len(found) == 129
    assert {code: n for code, n in carried(given, CENSUS, THIRD).items() if n} == {"03127": 5.0, "03316": 4.0}


def test_what_left_muong_bang_is_together_with_it_again_in_2025():
    assert {code: n for code, n in carried(counts(c03250=7), CENSUS, THIRD).items() if n} == {"03217": 7.0}


@pytest.mark.parametrize(
    ("code", "target"),
    [("c03250", SECOND), ("c03328", SECOND), ("c03331", SECOND), ("c03328", THIRD), ("c03331", THIRD)],
)
def test_units_of_which_parts_of_unknown_size_moved_are_not_carried(code, target):
    with pytest.raises(SchemaError, match=f"Units {code[1:]} of {CENSUS} are split, and the crosswalk does not give"):
        carry(counts(**{code: 1, "c03136": 1}), CENSUS, target)


def test_counts_of_units_that_came_together_do_not_go_back_without_their_people():
    with pytest.raises(SchemaError, match="Units 03145 of 2020-01-01 are split"):
        carry(counts(c03145=1), SECOND, CENSUS)
    assert carried(counts(c03136=1), SECOND, CENSUS)["03136"] == 1.0


def test_rows_of_one_code_are_summed_and_nothing_moves_within_a_vintage():
    found = carry(pd.DataFrame({"n": [1, 2, 4]}, index=["03127", "03127", "03160"]), THIRD, THIRD)
    assert found.counts["n"].to_dict() == {"03127": 3.0, "03160": 4.0}
    assert found.split.empty


def test_no_counts_give_zeros(chain):
    assert carried(counts(), FIRST, SECOND, crosswalks=chain, integer=True) == {"00011": 0, "00012": 0}


@pytest.mark.parametrize(
    ("values", "options", "match"),
    [
        ({"c00001": 1}, {"weight": "income"}, "income is no weight"),
        ({"c00009": 1}, {}, "Units 00009 are not in the crosswalk from 2013-01-01 to 2020-01-01"),
        ({"c00001": np.nan}, {}, "Only finite numbers"),
        ({"c00001": "many"}, {}, "Only finite numbers"),
        ({"c00001": 0.5}, {"integer": True}, "whole ones if the result"),
    ],
)
def test_what_cannot_be_carried_is_explained(chain, values, options, match):
    with pytest.raises(SchemaError, match=match):
        carry(counts(**values), FIRST, SECOND, crosswalks=chain, **options)


def test_counts_without_a_code_are_not_lost_silently(chain):
    with pytest.raises(SchemaError, match="1 rows of counts have no code"):
        carry(pd.DataFrame({"n": [1, 2]}, index=["00001", None]), FIRST, SECOND, crosswalks=chain)


def test_a_step_that_is_not_known_is_named(chain):
    with pytest.raises(
        SchemaError, match="No crosswalk leads from 2013-01-01 to 2025-07-01; there are: 2020-01-01 → 2"
    ):
        carry(counts(c00001=1), FIRST, THIRD, crosswalks=chain[1:])


def test_a_split_without_weights_is_named_and_concerns_only_the_counts_in_it():
    unknown = [walk(FIRST, SECOND, ("00001", "00011", None, 1), ("00001", "00012", 5, 0), ("00002", "00012", None, 1))]
    with pytest.raises(SchemaError, match="Units 00001 of 2013-01-01 are split, and"):
        carry(counts(c00001=1), FIRST, SECOND, crosswalks=unknown)
    assert carried(counts(c00002=1), FIRST, SECOND, crosswalks=unknown) == {"00011": 0.0, "00012": 1.0}
    assert carried(counts(c00001=3), FIRST, SECOND, crosswalks=unknown, weight="area") == {"00011": 3.0, "00012": 0.0}


@st.composite
def some_walk(draw, old, new, prefixes):
    """Return any crosswalk of up to five units: each has one to three parts, with weights that may be zero."""
    parts = []
    for unit in range(5):
        to = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True))
        sizes = draw(st.lists(st.integers(0, 1000), min_size=len(to), max_size=len(to)))
        sizes[0] += 1
        parts += [(f"{prefixes[0]}000{unit}", f"{prefixes[1]}000{k}", s, s) for k, s in zip(to, sizes, strict=True)]
    return walk(old, new, *parts)


two_walks = st.tuples(some_walk(FIRST, SECOND, "01"), some_walk(SECOND, THIRD, "12"))
some_counts = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10**6)), min_size=1, max_size=8).map(
    lambda rows: pd.DataFrame({"n": [n for _, n in rows]}, index=[f"0000{unit}" for unit, _ in rows])
)


@settings(max_examples=15)
@given(two_walks, some_counts)
def test_totals_are_conserved(walks, rows):
    reachable = walks[1].parts["old_code"]
    assert set(walks[0].parts["new_code"]) <= set(reachable)
    total = rows["n"].sum()
    assert carry(rows, FIRST, THIRD, crosswalks=walks).counts["n"].sum() == pytest.approx(total, rel=1e-12)
    assert carry(rows, FIRST, THIRD, crosswalks=walks, integer=True).counts["n"].sum() == total


@settings(max_examples=15)
@given(two_walks, some_counts)
def test_step_by_step_is_the_same_as_at_once(walks, rows):
    halfway = carry(rows, FIRST, SECOND, crosswalks=walks).counts
    by_steps = carry(halfway, SECOND, THIRD, crosswalks=walks).counts["n"]
    at_once = carry(rows, FIRST, THIRD, crosswalks=walks).counts["n"]
    assert by_steps.to_dict() == pytest.approx(at_once.to_dict(), rel=1e-9, abs=1e-9)


@settings(max_examples=15)
@given(two_walks, some_counts)
def test_a_whole_unit_moves_to_the_last_case_and_a_part_is_rounded_by_less_than_one(walks, rows):
    for code, n in rows.groupby(level=0)["n"].sum().items():
        alone = pd.DataFrame({"n": [n]}, index=[code])
        real = carry(alone, FIRST, THIRD, crosswalks=walks)
        whole = carry(alone, FIRST, THIRD, crosswalks=walks, integer=True).counts["n"]
        assert (whole - real.counts["n"]).abs().max() < 1
        assert (whole >= 0).all()
        if real.split.empty:
            assert real.counts["n"].tolist() == whole.tolist()


@settings(max_examples=15)
@given(two_walks, some_counts, st.randoms())
def test_the_order_of_rows_and_parts_does_not_matter(walks, rows, random):
    shuffled = [
        Crosswalk(each.old, each.new, each.parts.iloc[random.sample(range(len(each.parts)), len(each.parts))])
        for each in walks
    ]
    for integer in (True, False):
        found = carry(rows, FIRST, THIRD, crosswalks=walks, integer=integer)
        order = random.sample(range(len(rows)), len(rows))
        again = carry(rows.iloc[order], FIRST, THIRD, crosswalks=shuffled[::-1], integer=integer)
        pd.testing.assert_frame_equal(found.counts, again.counts, check_exact=True)
        pd.testing.assert_frame_equal(found.split, again.split, check_exact=True)
