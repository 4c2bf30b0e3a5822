import pandas as pd
import pytest

from geo.effort import HALF_LIFE_MONTHS, PER, effort_columns
from geo.panel import build_panel

FIRST, LAST = pd.Period("2017-01"), pd.Period("2017-03")
KEEP = 0.5 ** (1 / HALF_LIFE_MONTHS)


def day(text):
    return pd.Timestamp(text)


def outreach(*rows):
    """Rows of (day, commune, sessions)."""
    days, codes, sessions = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "session_id": [f"s{n}" for n in range(len(rows))],
            "date": [day(text) for text in days],
            "commune_code": codes,
            "vintage": "2025-07-01",
            "sessions": pd.array(sessions, dtype="Int64"),
        }
    )


def services(*rows):
    """Rows of (kind, commune, since, until)."""
    kinds, codes, since, until = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "service_id": [f"v{n}" for n in range(len(rows))],
            "kind": kinds,
            "commune_code": codes,
            "vintage": "2025-07-01",
            "since": pd.to_datetime(list(since)),
            "until": pd.to_datetime(list(until)),
        }
    )


@pytest.fixture
def measure(communes, gazetteer):
    def efforts(records, *patrols):
        return effort_columns(build_panel(communes, records, gazetteer, FIRST, LAST), *patrols)

    return efforts


def test_a_session_counts_half_after_six_months_and_per_thousand_persons(measure):
    # Commune 2 has 2,000 persons: two sessions are one per thousand, and half of that is left after half a year.
    table = measure({"outreach": outreach(("2016-07-15", "00002", 2), ("2017-02-01", "00001", 3))}).table
    assert table["outreach"].loc["00002"].tolist() == pytest.approx([0.5, 0.5 * KEEP, 0.5 * KEEP**2])
    assert table["outreach"].loc["00001"].tolist() == pytest.approx([0.0, 3.0, 3.0 * KEEP])
    assert (table["outreach"].loc["00003":] == 0).all()


def test_sessions_of_one_month_add_up_and_those_after_the_period_do_not_count(measure):
    rows = [("2017-03-01", "00004", 4), ("2017-03-30", "00004", 8), ("2017-04-01", "00004", 100)]
    assert measure({"outreach": outreach(*rows)}).table["outreach"].loc["00004"].tolist() == [0, 0, 12 * PER / 4000]


def test_mailboxes_count_while_they_hang_and_clubs_per_thousand_persons(measure):
    rows = [
        ("mailbox", "00003", "2010-01-01", None),
        ("mailbox", "00003", "2017-02-10", "2017-02-20"),
        ("legal_club", "00004", None, None),
        ("womens_club", "00004", "2017-03-01", None),
        ("support_model", "00001", None, None),
    ]
    table = measure({"services": services(*rows)}).table
    assert list(table) == ["mailboxes", "clubs"]
    assert table["mailboxes"].loc["00003"].tolist() == [1, 2, 1]
    assert table["clubs"].loc["00004"].tolist() == [0.25, 0.25, 0.5]
    assert table.loc["00001"].to_numpy().sum() == 0


def test_patrols_count_where_their_sector_lies(measure):
    patrols = pd.DataFrame(
        {
            "date": [day("2017-01-02"), day("2017-01-30"), day("2016-12-31"), day("2017-03-01")],
            "sector_id": ["LAO-001", "LAO-002", "LAO-001", "LAO-009"],
            "hours": [4.0, 2.5, 8.0, 1.0],
            "teams": pd.array([2, 1, 1, 1], dtype="Int64"),
        }
    )
    faces = pd.Series({"LAO-001": "00003", "LAO-002": "00003", "LAO-009": "00001"})
    effort = measure({}, patrols, faces)
    assert effort.table["patrols"].loc["00003"].tolist() == [10.5, 0, 0]
    assert effort.table["patrols"].loc["00001"].tolist() == [0, 0, 1]
    assert effort.sources[["name", "rows", "first", "last"]].to_numpy().tolist() == [
        ["patrols", 4, "2016-12", "2017-03"]
    ]


def test_what_was_not_recorded_has_no_column(measure):
    assert measure({}).table.shape == (12, 0)
    assert list(measure({"services": services(("mailbox", "00001", None, None))}).table) == ["mailboxes"]
    unplaced = outreach(("2017-01-01", "00001", 1)).assign(commune_code=None)
    assert measure({"outreach": unplaced}).table.shape == (12, 0)


def test_where_nobody_is_at_risk_nobody_is_reached(communes, gazetteer):
    empty = communes.assign(population=pd.array([0, 2000, 3000, 4000], dtype="Int64"))
    panel = build_panel(
        empty, {"outreach": outreach(("2017-01-01", "00001", 5), ("2017-01-01", "00002", 2))}, gazetteer, FIRST, LAST
    )
    table = effort_columns(panel).table
    assert table["outreach"].loc["00001"].tolist() == [0, 0, 0]
    assert table["outreach"].loc[("00002", FIRST)] == 1
