import pandas as pd
import pytest

from geo.errors import ModelError, WorkspaceError
from geo.panel import COUNTS, SOURCES, build_panel, period_of
from geo.schema import CASE_SOURCES

MARCH, MAY = pd.Period("2017-03"), pd.Period("2017-05")


def day(text):
    return pd.Timestamp(text)


@pytest.fixture
def records():
    cases = pd.DataFrame(
        {
            "case_id": list("abcd"),
            "date": [day("2017-03-31"), day("2017-03-01"), day("2017-06-01"), day("2017-04-10")],
            "commune_code": ["00001", "00001", "00002", None],
            "vintage": "2025-07-01",
            "victims": pd.array([1, 2, 5, 7], dtype="Int64"),
            "offenders": pd.array([1, None, 1, 1], dtype="Int64"),
        }
    )
    absences = pd.DataFrame(
        {
            "absence_id": list("efgh"),
            "reported_on": day("2017-05-15"),
            "commune_code": "00004",
            "status": ["open", "verified_trafficked", "returned", "cleared"],
        }
    )
    outreach = pd.DataFrame(
        {
            "session_id": ["s"],
            "date": [day("2017-04-01")],
            "commune_code": ["00011"],
            "vintage": ["2020-01-01"],
            "sessions": pd.array([3], dtype="Int64"),
            "attendees": pd.array([90], dtype="Int64"),
        }
    )
    services = pd.DataFrame(
        {
            "service_id": list("klm"),
            "commune_code": ["00003", "00003", "00003"],
            "since": [day("2010-01-01"), day("2017-04-30"), day("2018-01-01")],
            "until": [day("2017-04-01"), pd.NaT, pd.NaT],
        }
    )
    return {"cases": cases, "absences": absences, "outreach": outreach, "services": services}


@pytest.fixture
def panel(communes, records, gazetteer):
    return build_panel(communes, records, gazetteer, MARCH, MAY)


def test_one_row_per_commune_and_month(panel):
    assert panel.table.index.names == ["commune_code", "month"]
    assert len(panel.table) == 4 * 3
    assert panel.years == 0.25
    assert list(panel.months.astype(str)) == ["2017-03", "2017-04", "2017-05"]


def test_counts_stand_in_their_commune_and_month(panel):
    table = panel.table
    assert table.loc[("00001", MARCH), ["cases", "victims", "offenders"]].tolist() == [2, 3, 1]
    assert table.loc[("00001", pd.Period("2017-04")), ["sessions", "attendees"]].tolist() == [3, 90]
    assert table.loc[("00004", MAY), "absences"] == 2  # returned and cleared ones are no suspicion
    named = ["cases", "victims", "offenders", "absences", "sessions", "attendees"]
    assert table[named].sum().tolist() == [2, 3, 1, 2, 3, 90]
    assert (table.dtypes == "int64").all()


def test_services_count_while_they_are_open(panel):
    assert panel.table.loc["00003", "services"].tolist() == [1, 2, 1]


def test_what_is_not_in_the_panel_is_counted(panel, records):
    placement = panel.placement.set_index(["table", "placement"])["rows"]
    assert placement["cases"].to_dict() == {"code": 2, "outside the period": 1, "unplaced": 1}
    assert panel.placement.groupby("table")["rows"].sum().to_dict() == {name: len(t) for name, t in records.items()}


def test_population_at_risk_is_women_and_children_where_known(communes, records, gazetteer):
    known = communes.assign(women_children=pd.array([600, None, None, None], dtype="Int64"))
    panel = build_panel(known, records, gazetteer, MARCH, MAY)
    assert panel.totals()["population"].tolist() == [600, 2000, 3000, 4000]


def test_totals_sum_counts_and_keep_the_population(panel):
    totals = panel.totals()
    assert list(totals.index) == ["00001", "00002", "00003", "00004"]
    assert totals["cases"].tolist() == [2, 0, 0, 0]
    assert totals.loc["00003", "services"] == pytest.approx(4 / 3)


def test_no_records_at_all_give_a_panel_of_zeros(communes, gazetteer):
    panel = build_panel(communes, {}, gazetteer, MARCH, MARCH)
    assert (panel.table[list(COUNTS)] == 0).all(axis=None)
    assert panel.placement.empty


def test_the_period_is_that_of_cases_and_absences_unless_given(records):
    assert period_of(records) == (MARCH, pd.Period("2017-06"))
    assert period_of(records, "2017-01-05", "2017-02-01") == (pd.Period("2017-01"), pd.Period("2017-02"))


def test_an_empty_period_or_workspace_is_explained(communes, records, gazetteer):
    with pytest.raises(ModelError, match="has no month"):
        build_panel(communes, records, gazetteer, MAY, MARCH)
    with pytest.raises(WorkspaceError, match="no case and no absence"):
        period_of({name: table.iloc[:0] for name, table in records.items()})


def test_a_record_of_a_longer_time_counts_in_the_month_of_its_middle(communes, gazetteer, records):
    records["cases"] = records["cases"].assign(date_precision=["quarter", None, "year", "half_year"])
    records["cases"]["date"] = [day("2017-01-01"), day("2017-03-01"), day("2017-01-01"), day("2017-01-01")]
    start, end = period_of(records)
    assert (str(start), str(end)) == ("2017-02", "2017-07")
    cases = build_panel(communes, records, gazetteer, start, end).table["cases"]
    assert cases.loc["00001"].loc[[pd.Period("2017-02"), pd.Period("2017-03")]].tolist() == [1, 1]
    assert cases.loc["00002"].loc[pd.Period("2017-07")] == 1


def test_cases_are_counted_apart_by_how_they_came_to_be_known(communes, records, gazetteer):
    sources = ["border_guard", "mailbox", "hotline", "police"]
    told = records | {"cases": records["cases"].assign(source=sources)}
    totals = build_panel(communes, told, gazetteer, MARCH, MAY).totals()
    assert totals.loc["00001", ["cases_by_patrol", "cases_by_outreach", "cases_reported"]].tolist() == [1, 1, 0]
    assert (totals[list(SOURCES)].sum(axis=1) == totals["cases"]).all()


def test_every_source_of_cases_is_counted_once():
    assert sorted(source for sources in SOURCES.values() for source in sources) == sorted(CASE_SOURCES)
