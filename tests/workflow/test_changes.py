import pandas as pd

from geo.workspace import Settings
from maps.earlier import EarlierRun
from workflow.changes import changes_since


def ranking(*rows):
    """Return a ranking; each row is code, rank, expected, cases, absences, sessions, population."""
    columns = ["commune_code", "rank", "expected", "cases", "absences", "sessions", "population"]
    return pd.DataFrame(rows, columns=columns).assign(name=lambda table: "Xã " + table["commune_code"])


BEFORE = ranking(("00001", 1, 2.0, 3, 1, 5, 900), ("00002", 2, 1.0, 1, 0, 5, 800))
NOW_RANKED = ranking(("00002", 1, 2.5, 4, 0, 6, 800), ("00001", 2, 2.0, 3, 1, 5, 900), ("00003", 3, 0.5, 0, 0, 0, 100))
PERIOD = ("2013-01-01", "2017-12-31")


SETTINGS = Settings.checked({})


def earlier(**changes):
    given = {
        "name": "20261120T080000-aaaaaaaa",
        "made_on": "2026-11-20",
        "period": PERIOD,
        "settings": SETTINGS.model_dump(mode="json"),
        "model_id": None,
        "outreach": BEFORE,
        "patrol": pd.DataFrame(columns=["sector_id"]),
    }
    return EarlierRun(**(given | changes))


def changes(before):
    return changes_since(before, NOW_RANKED, SETTINGS, PERIOD, None)


def test_moves_stand_with_what_changed_in_the_communes_own_records():
    found = changes(earlier())
    assert (found.made_on, found.period, found.notes) == ("2026-11-20", PERIOD, ())
    told = found.moves.set_index("commune_code")
    assert told["rank_before"].tolist()[:2] == [2, 1]
    assert told["expected_before"].tolist()[:2] == [1.0, 2.0]
    assert pd.isna(told.loc["00003", "rank_before"])
    assert [str(reason) for reason in told.loc["00002", "reasons"]] == [
        "cases: 1.0, now 4",
        "outreach sessions: 5.0, now 6",
    ]
    assert [str(reason) for reason in told.loc["00001", "reasons"]] == [
        "its own records are the same; the others', the effort or what was asked changed"
    ]
    assert [str(reason) for reason in told.loc["00003", "reasons"]] == ["not ranked before"]


def test_what_the_earlier_ranking_did_not_tell_is_not_called_a_change():
    told = changes(earlier(outreach=BEFORE.drop(columns="cases"))).moves.set_index("commune_code")
    assert [str(reason) for reason in told.loc["00002", "reasons"]] == ["outreach sessions: 5.0, now 6"]


def test_what_was_asked_or_given_differently_is_said():
    settings = SETTINGS.model_dump(mode="json") | {"seed": 9, "title": "other", "lang": "en"}
    found = changes(earlier(settings=settings, period=("2013-01-01", "2016-12-31"), model_id="m"))
    assert [str(note) for note in found.notes] == [
        "Settings that are different: seed",
        "The period is different, so that counts are those of other months, too.",
        "Another model ranks than then.",
    ]
