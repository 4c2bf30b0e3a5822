"""The attacker on figures: reads every file of a folder, takes all that it says for true, and bounds what it hides.

Written apart from the program: he knows the communes of each zone, their populations, that counts are not negative and
which figures are sums of which, and solves two linear programmes for each count that he is after.
"""

import re

import numpy as np
import openpyxl
import pandas as pd
from scipy.optimize import linprog

from tests.maps.html_reader import Page

KINDS = ("victims", "absences")
FIGURES = ("persons", *KINDS)


def statements(folder, years):
    """Return what a folder says of persons: (names of communes or "" for all, kind or "persons", least, most)."""
    found = []
    for table in (pd.read_csv(folder / "zones.csv", encoding="utf-8-sig"), *sheets(folder / "zones.xlsx")):
        for row in table.itertuples():
            communes = "" if pd.isna(row.communes) else row.communes
            for name in FIGURES:
                low, high = getattr(row, f"{name}_low"), getattr(row, f"{name}_high")
                if not pd.isna(low):
                    found.append((communes, name, low, high))
            if not pd.isna(row.rate_low):
                found.append((communes, *persons_of(row.rate_low, row.rate_high, row.population, years)))
    for page in ("map.html", "publication_report.html"):
        for row in Page((folder / page).read_text(encoding="utf-8")).rows:
            if len(row) == 7 and row[2][0].isdigit():
                found += said(row, years)
    text = (folder / "publication_report.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = re.findall(r": ([^;]*)(?:;|$)", line)
        if len(cells) == 7:
            found += said(cells, years)
    return found


def sheets(path):
    """Return every sheet of a workbook, hidden or not."""
    for sheet in openpyxl.load_workbook(path).worksheets:
        rows = [row for row in sheet.iter_rows(values_only=True) if sum(cell is not None for cell in row) > 1]
        names = (
            "zone", "communes", "population", "persons_low", "persons_high", "victims_low", "victims_high",
            "absences_low", "absences_high", "rate_low", "rate_high", "data_kind",
        )  # fmt: skip
        yield pd.DataFrame(rows[1:], columns=names)


def said(cells, years):
    """Return what a row of the table of zones says, in either language."""
    _, communes, population, *ranges, rate = (cell.strip() for cell in cells)
    for name, text in zip(FIGURES, ranges, strict=True):
        if "–" in text:
            yield communes, name, *(int(re.sub(r"[.,]", "", end)) for end in text.split("–"))
    if "–" in rate:
        low, high = (float(end.replace(",", ".")) for end in rate.split("–"))
        yield communes, *persons_of(low, high, int(re.sub(r"[.,]", "", population)), years)


def persons_of(low, high, population, years):
    """Return the persons that a rate of two decimals stands for."""
    person_years = population * years / 10_000
    return "persons", (low - 0.00501) * person_years, (high + 0.00501) * person_years


def exact(communes, counts, k):
    """Return what an unprotected publication says: each commune's counts from ``k`` on, and every sum."""
    rows = dict(zip(communes["name"], counts[list(KINDS)].to_numpy(), strict=True))
    rows[""] = counts[list(KINDS)].to_numpy().sum(axis=0)
    told = []
    for name, row in rows.items():
        told += [(name, kind, n, n) for kind, n in zip(KINDS, row, strict=True) if n >= k]
        told.append((name, "persons", row.sum(), row.sum()))
    return told


def feasible(communes, told):
    """Return the least and the most of the persons of each kind, and of all, in each commune.

    Parameters
    ----------
    communes
        Names.
    told
        `statements`.

    Returns
    -------
    pandas.DataFrame
        Index (commune, kind or "persons"), columns ``least``, ``most``.
    """
    place = {name: i for i, name in enumerate(communes)}
    rows, bounds = [], []
    for names, kind, low, high in told:
        row = np.zeros((len(place), len(KINDS)))
        within = [place[name] for name in names.split(", ")] if names else list(place.values())
        row[np.ix_(within, list(range(2)) if kind == "persons" else [KINDS.index(kind)])] = 1.0
        rows += [row.ravel(), -row.ravel()]
        bounds += [high, -low]
    matrix, right = np.array(rows), np.array(bounds, dtype=float)
    found = []
    for name, i in place.items():
        for kind in FIGURES:
            aim = np.zeros((len(place), len(KINDS)))
            aim[i, list(range(2)) if kind == "persons" else [KINDS.index(kind)]] = 1.0
            ends = []
            for sign in (1, -1):
                solved = linprog(sign * aim.ravel(), A_ub=matrix, b_ub=right, bounds=(0, None), method="highs")
                ends.append(sign * solved.fun if solved.status == 0 else np.inf)
            found.append((name, kind, *ends))
    return pd.DataFrame(found, columns=["commune", "kind", "least", "most"]).set_index(["commune", "kind"])
