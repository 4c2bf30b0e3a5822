"""A made-up run whose report can be foretold."""

import numpy as np
import pandas as pd

from geo.errors import Message
from maps.report_content import Account, Changes, ReportContent

EXPECTED = [12.5, 7.25, 0.351]


def outreach(names=("Xã A", "Xã B", "Xã C")):
    """Return a ranking of communes; ranks follow the order of the names."""
    n = len(names)
    expected = np.resize(EXPECTED, n)
    return pd.DataFrame(
        {
            "rank": range(1, n + 1),
            "commune_code": [f"{i:05}" for i in range(1, n + 1)],
            "name": list(names),
            "expected": expected,
            "lower": expected / 2,
            "upper": expected * 2,
            "p_top10": np.resize([0.93, 0.5, 0.07], n),
            "weak_data": np.resize([False, False, True], n),
            "cases": np.resize([3, 1, 0], n),
            "absences": np.resize([2, 0, 0], n),
            "sessions": np.resize([4, 0, 9], n),
            "population": 17_400,
            "reasons": [
                (Message("{cases} rows", {"cases": 17_400}), Message("so {name}", {"name": name})) for name in names
            ],
        }
    )


def patrol():
    """Return a ranking of two sectors, one without a commune and without patrols recorded."""
    return pd.DataFrame(
        {
            "rank": [1, 2],
            "sector_id": ["LAO-001", "CHN-001"],
            "neighbour": ["LAO", "CHN"],
            "commune": ["Xã A", None],
            "expected": [1.5, 0.5],
            "lower": [0.6, 0.1],
            "upper": [3.0, 1.25],
            "score": [0.75, 0.25],
            "patrol_hours": [1234.4, np.nan],
            "reasons": [(Message("because"),), ()],
        }
    )


def account(**changes):
    given = {
        "asked": ((Message("Seed"), "7"), (Message("Reach"), 20_000.0)),
        "rows": pd.DataFrame(
            [
                {
                    "table": "cases", "rows": 1200, "counted": 1190, "unplaced": 3, "outside": 5, "other": 2,
                    "simulated": 0, "first": "2013-02", "last": "2017-11", "months": 39,
                },
                {"table": "posts", "rows": 12, "simulated": 12, "first": None, "last": None, "months": None},
            ]
        ),
        "months": 60,
        "efforts": pd.DataFrame([{"name": "patrol hours", "rows": 5, "first": "2014-01", "last": "2014-03"}]),
        "notes": (Message("a note of {n}", {"n": 17_400}),),
        "model": (Message("learned this"),),
        "limits": (Message("a limit"),),
        "not_for": (Message("not against any person"),),
        "changes": None,
    }  # fmt: skip
    return Account(**(given | changes))


def changes():
    """Return the changes of three communes, of which the second and third changed places."""
    return Changes(
        "20261123T080000-aaaaaaaa",
        "2026-11-23",
        ("2013-01-01", "2016-12-31"),
        (Message("asked otherwise"),),
        pd.DataFrame(
            {
                "commune_code": ["00001", "00002", "00003"],
                "name": ["Xã A", "Xã B", "Xã C"],
                "rank": [1, 2, 3],
                "expected": EXPECTED,
                "rank_before": [1.0, 3.0, 2.0],
                "expected_before": [12.0, 0.5, np.nan],
                "reasons": [(), (Message("more cases"),), (Message("fewer cases"),)],
            }
        ),
    )


def content(names=("Xã A", "Xã B", "Xã C"), **given):
    return ReportContent(
        **(
            {
                "outreach": outreach(names),
                "patrol": patrol(),
                "account": account(),
                "title": "Tỉnh Mẫu",
                "period": ("2013-01-01", "2017-12-31"),
                "made_on": "2026-11-23",
                "simulated": True,
                "effort_known": True,
                "lang": "en",
                "stamp": "Valid until 2027-05-22.",
            }
            | given
        )
    )
