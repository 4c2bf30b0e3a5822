"""A made-up outreach plan of the made-up province."""

import pandas as pd

from geo.errors import Message
from maps.plan_web import OutreachMap
from tests.maps.map_content import HOSTILE, content

SESSIONS = [2, 9, 2, 1, 0, 4]


def outreach(names=HOSTILE, **changes):
    """Return a plan in which the second commune gets most, from two agencies in two months."""
    communes = (
        content(names)
        .communes[["commune_code", "name", "geometry_quality", "geometry"]]
        .assign(
            sessions=SESSIONS,
            gain=[n / 10 for n in SESSIONS],
            gain_lower=[n / 20 for n in SESSIONS],
            gain_upper=[n / 5 for n in SESSIONS],
            reasons=[(Message("because of {name}", {"name": name}),) for name in names],
        )
    )
    rows = [
        ("00002", "2018-01", "police", 3), ("00002", "2018-01", "border_guard", 2), ("00002", "2018-03", "police", 4),
        ("00001", "2018-02", "justice", 2), ("00003", "2018-02", "police", 2), ("00004", "2018-02", "police", 1),
        ("00006", "2018-01", "police", 4),
    ]  # fmt: skip
    timetable = pd.DataFrame(rows, columns=["commune_code", "month", "agency", "sessions"])
    given = {
        "communes": communes,
        "timetable": timetable.assign(month=pd.PeriodIndex(timetable["month"], freq="M")),
        "period": ("2018-01-01", "2018-03-31"),
        "made_on": "2017-12-31",
        "simulated": True,
        "effort_known": True,
        "vintage": "2025-07-01",
        "title": "Tỉnh Mẫu",
    }
    return OutreachMap(**(given | changes))
