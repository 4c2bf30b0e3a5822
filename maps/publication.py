"""The folder that may leave: a table of zones, their map, and a report of what was merged, left out and coarsened.

What is written here knows ranges only; see `models.disclosure.Publication`.
"""

from pathlib import Path

import pandas as pd

from maps.document_html import render_html
from maps.document_text import render_text
from maps.outputs import SIMULATED_NOTE
from maps.publication_content import PublicContent
from maps.publication_map import map_document
from maps.publication_report import report_document
from maps.tables import write_csv, write_xlsx
from maps.text import LANGUAGES

FILES = ("zones.csv", "zones.xlsx", "map.html", "publication_report.html", "publication_report.txt")

HEADINGS = {
    "zone": "Vùng\nZone",
    "communes": "Các xã, phường\nCommunes",
    "population": "Dân số\nPopulation",
    "persons_low": "Số người, từ\nPersons, from",
    "persons_high": "Số người, đến\nPersons, to",
    "victims_low": "Nạn nhân, từ\nVictims, from",
    "victims_high": "Nạn nhân, đến\nVictims, to",
    "absences_low": "Vắng mặt nghi vấn, từ\nSuspected absences, from",
    "absences_high": "Vắng mặt nghi vấn, đến\nSuspected absences, to",
    "rate_low": "Trên 10.000 dân/năm, từ\nPer 10,000 a year, from",
    "rate_high": "Trên 10.000 dân/năm, đến\nPer 10,000 a year, to",
    "data_kind": "Loại số liệu\nData",
}


def write_publication(folder: Path, content: PublicContent) -> None:
    """Write `FILES` into a draft of `maps.release.released`."""
    kind, note = ("simulated", SIMULATED_NOTE) if content.simulated else ("recorded", "")
    columns = list(HEADINGS)[:-1]
    rows = pd.concat([content.zones.drop(columns="geometry"), content.whole], ignore_index=True)
    table = pd.DataFrame(rows)[columns].assign(data_kind=kind)
    write_csv(folder / "zones.csv", table)
    write_xlsx(folder / "zones.xlsx", table, title="zones", headings=HEADINGS, note=note)
    (folder / "map.html").write_text(render_html(map_document(content)), encoding="utf-8")
    report = render_html(report_document(content, content.lang))
    (folder / "publication_report.html").write_text(report, encoding="utf-8")
    both = "\n".join(render_text(report_document(content, lang)) for lang in LANGUAGES)
    (folder / "publication_report.txt").write_text(both, encoding="utf-8")
