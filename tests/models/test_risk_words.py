from types import SimpleNamespace

import numpy as np
import pandas as pd

from models.risk_words import called, flag_words, noticing_words, reasons

COUNTS = SimpleNamespace(cases=2, absences=3, sessions=40, population=1500)
QUIET = SimpleNamespace(cases=0, absences=0, sessions=0, population=900)


def parts(**changes):
    none = {"border_distance_km": 0.0, "schools": 0.0, "elevation": 0.0, "neighbours": 0.0, "own": 0.0, "effort": 0.0}
    return pd.Series(none | changes)


def said(counts, changed, *, effort_known=True):
    return [str(message) for message in reasons(counts, 5.0, changed, effort_known=effort_known)]


def test_what_changes_nothing_is_not_named():
    assert said(COUNTS, parts(own=0.04)) == [
        "2 cases and 3 suspected absences in 5.0 years",
        "1500 people, 40 outreach sessions",
    ]


def test_the_parts_are_told_in_per_cent_of_the_rate():
    changed = parts(own=np.log(1.25), neighbours=np.log(0.8), schools=np.log(2), border_distance_km=np.log(0.7))
    assert said(COUNTS, changed)[1:-1] == [
        "its own records: rate 25 % higher",
        "what it shares with its neighbours: rate 20 % lower",
        "schools: rate 100 % higher",
        "distance to the border: rate 30 % lower",
    ]


def test_only_the_two_strongest_covariates_are_named():
    changed = parts(schools=0.2, elevation=-0.3, border_distance_km=0.1)
    assert [text.split(":")[0] for text in said(COUNTS, changed)[1:-1]] == ["elevation", "schools"]


def test_effort_is_told_as_what_was_noticed_against_even_effort():
    # Half as much is noticed as at even effort: the counts were raised by log 2.
    assert said(COUNTS, parts(effort=np.log(2)))[1] == "50 % less is noticed here than even effort would notice"
    assert said(COUNTS, parts(effort=-np.log(1.5)))[1] == "50 % more is noticed here than even effort would notice"
    assert len(said(COUNTS, parts(effort=1.0), effort_known=False)) == 2


def test_silence_is_not_safety():
    assert said(QUIET, parts())[0] == "nothing recorded in 5.0 years: silence is not safety"


def test_flags_and_noticing_in_words():
    flags = ["no effort", "effort not identified", "dropped: mailboxes", "covariates missing", "no event"]
    words = [str(message) for message in flag_words([*flags, "no neighbours"])]
    assert len(set(words)) == 6
    assert words[2] == "mailboxes in operation tells nothing: it is the same everywhere"
    table = pd.DataFrame({"stream": "cases", "effort": ["patrols", "drones"], "share": [0.2, 0.1], "lower": 0.05,
                          "upper": 0.5, "moved": [True, False]})  # fmt: skip
    assert [str(message) for message in noticing_words(table)] == [
        "cases: patrol hours bring about 20 % of the attention (90 %: 5 to 50 %)",
        "cases: the records do not tell what drones bring; assumed about 10 % of the attention (5 to 50 %)",
    ]


def test_columns_of_the_users_are_called_as_the_user_named_them():
    assert called("rung") == "rung"
    assert str(called("population_per_km2")) == "population density"
