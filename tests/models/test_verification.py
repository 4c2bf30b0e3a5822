import itertools

import numpy as np
import pandas as pd
import pytest

from geo.errors import PlanError
from geo.schema import ABSENCES, AGE_BANDS, dtype_of
from models.verification import COLUMNS, RELEASE_LEVEL, verification_queue

TODAY = pd.Timestamp("2026-06-30")


def absences(*rows):
    """Made-up absences; each row overrides a usual one."""
    usual = {
        "reported_on": TODAY,
        "absent_since": TODAY - pd.Timedelta(days=20),
        "commune_code": "00001",
        "sex": "female",
        "age_band": "18-24",
        "status": "open",
        "data_kind": "simulated",
    }
    table = pd.DataFrame([{"absence_id": f"a{k}"} | usual | row for k, row in enumerate(rows)])
    table = table.reindex(columns=list(ABSENCES.columns))
    return ABSENCES.validate(table.astype({name: dtype_of(ABSENCES, name) for name in ABSENCES.columns}))


def order(table, distance_km=None):
    return verification_queue(table, TODAY, distance_km).table["absence_id"].tolist()


def ago(days):
    return {"absent_since": TODAY - pd.Timedelta(days=days)}


def test_a_child_comes_before_anything_else_is_asked():
    table = absences(ago(1), {"age_band": "12-15", **ago(3000), "commune_code": None, "sex": "unknown"})
    assert order(table, pd.Series([0.0, np.nan])) == ["a1", "a0"]


def test_an_unknown_age_stands_between_children_and_adults():
    bands = absences(*({"age_band": band} for band in AGE_BANDS), {"age_band": None})
    queue = verification_queue(bands, TODAY).table
    places = queue.set_index("absence_id")["order"]
    by_band = {band: places[f"a{k}"] for k, band in enumerate(AGE_BANDS)}
    assert {by_band[band] for band in ("0-5", "6-11", "12-15", "16-17")} == {1}
    assert by_band["unknown"] == places["a8"] == 5
    assert {by_band[band] for band in ("18-24", "25-39", "40+")} == {7}


def test_recency_then_distance_then_place_then_sex_decide():
    table = absences(
        ago(31),
        ago(30),
        {**ago(8), "lon": 103.0, "lat": 21.4},
        ago(8),
        {**ago(8), "commune_code": None, "district": "made up"},
        {**ago(8), "sex": "unknown"},
        ago(8),
        ago(7),
    )
    km = pd.Series([1.0, 40.0, 10.0, 10.0, 10.0, 10.0, 4.0, 90.0])
    assert order(table, km) == ["a7", "a6", "a2", "a3", "a5", "a4", "a1", "a0"]


def test_the_rule_is_lexicographic():
    choices = itertools.product(("12-15", "unknown", "25-39"), (5, 25, 80, 300, 500), (3.0, 10.0, 20.0, 50.0, np.nan))
    rows = list(choices)
    shuffled = np.random.default_rng(1).permutation(len(rows))
    table = absences(*({"age_band": rows[k][0], **ago(rows[k][1])} for k in shuffled))
    km = pd.Series([rows[k][2] for k in shuffled])
    queue = verification_queue(table, TODAY, km).table
    assert [f"a{np.flatnonzero(shuffled == k)[0]}" for k in range(len(rows))] == queue["absence_id"].tolist()
    assert queue["order"].tolist() == list(range(1, len(rows) + 1))


def test_rows_that_the_rule_does_not_part_share_their_order():
    queue = verification_queue(absences({}, {}, ago(21)), TODAY).table
    assert queue["order"].tolist() == [1, 1, 3]


def test_every_open_row_is_there_and_no_other():
    table = absences({}, {"status": "returned"}, {"status": "cleared"}, {"absent_since": None}, ago(-5))
    queue = verification_queue(table, TODAY).table.set_index("absence_id")
    assert set(queue.index) == {"a0", "a3", "a4"}
    assert queue["days_absent"].to_dict() == {"a0": 20, "a3": 0, "a4": 0}
    assert any("that of the report" in str(reason) for reason in queue["reasons"]["a3"])


def test_a_row_is_told_its_place_in_classes():
    table = absences({"age_band": "6-11", **ago(12), "sex": None}, {"commune_code": None})
    reasons = verification_queue(table, TODAY, pd.Series([12.0, np.nan])).table["reasons"]
    assert [str(reason) for reason in reasons[0]] == [
        "a child",
        "absent for 30 days or less",
        "15.0 km from the border or less",
        "place known by commune",
        "sex not known",
    ]
    assert [str(reason) for reason in reasons[1]][2:4] == ["distance to the border not known", "place not known"]


def test_it_is_marked_for_the_command_level_and_brings_no_other_column():
    table = absences({}).assign(name="made up", village="made up")
    queue = verification_queue(table, TODAY)
    assert queue.release_level == RELEASE_LEVEL == "command"
    assert tuple(queue.table.columns) == COLUMNS
    assert "made up" not in repr(queue) + queue.table.to_string()
    assert "a0" not in repr(queue)


def test_nothing_to_verify_and_foreign_distances_are_refused():
    with pytest.raises(PlanError, match="no open absence to verify"):
        verification_queue(absences({"status": "returned"}), TODAY)
    with pytest.raises(PlanError, match="for each row of the absences"):
        verification_queue(absences({}), TODAY, pd.Series([1.0], index=[7]))
    with pytest.raises(PlanError, match="from 0 km on"):
        verification_queue(absences({}), TODAY, pd.Series([-1.0]))
