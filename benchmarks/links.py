"""How many of the true duplicates the links find, and how many of the proposed links are true, on simulated reports.

A province like ours: five years, 45 communes of very unequal risk, each case reported by one to three agencies that
disagree on the day, the place and the counts. Nothing in it happened. The disagreements are drawn from smooth
distributions of their own, not from the steps that the rule assumes.
Printed: means over worlds with 90 % intervals of the mean, at 15, 30 and 60 cases a year, with agencies that agree
more and less than that, at other thresholds, and the time for many rows, also for rows that lie too dense to compare.
Then one office without numbers, whose files of a quarter each are told again in part by a later one that says more.
"""

import argparse
import platform
import resource
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo import boundaries
from geo.errors import Message
from geo.intake.duplicates import LEAST, find_links
from geo.intake.identity import told_apart_by
from geo.intake.surroundings import Surroundings
from geo.schema import VINTAGES
from workflow.layers import gazetteer

AGENCIES = ("police", "border_guard", "hotline", "mailbox")
REPORTS = (0.6, 0.3, 0.1)
"""Shares of cases that one, two and three agencies report."""
YEARS, START = 5, np.datetime64("2013-01-01")


@dataclass(frozen=True)
class Sloppiness:
    """How far reports stray from their case.

    Attributes
    ----------
    late
        Share of reports dated after the day, by exponential delays of ``delay_days`` on average.
    coarse
        Share of dates known to the month; half as many to the quarter.
    beside, district, nowhere
        Shares that name a neighbouring commune; the district only; no place.
    miscounted
        Share of numbers of victims off by one; twice as many of offenders.
    """

    late: float = 0.45
    delay_days: float = 9.0
    coarse: float = 0.1
    beside: float = 0.1
    district: float = 0.06
    nowhere: float = 0.02
    miscounted: float = 0.08


CAREFUL = Sloppiness(late=0.2, delay_days=4, coarse=0.03, beside=0.04, district=0.02, nowhere=0.0, miscounted=0.03)
SLOPPY = Sloppiness(late=0.7, delay_days=20, coarse=0.25, beside=0.2, district=0.15, nowhere=0.05, miscounted=0.2)


def simulate_reports(
    cases_a_year: float,
    surroundings: Surroundings,
    *,
    sloppiness: Sloppiness = Sloppiness(),
    random_state: int = 0,
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Simulate what agencies report of cases.

    Returns
    -------
    tuple
        Rows in the columns of `geo.schema.CASES` (``data_kind`` simulated); their units; the case that each tells of.
    """
    rng = np.random.default_rng(random_state)
    units = np.unique(surroundings.neighbours["unit_a"])
    n = rng.poisson(cases_a_year * YEARS)
    risk = rng.gamma(0.8, size=len(units))
    truth = pd.DataFrame(
        {
            "day": rng.integers(0, 365 * YEARS, n),
            "unit": rng.choice(units, n, p=risk / risk.sum()),
            "victims": 1 + rng.poisson(0.25, n),
            "offenders": 1 + rng.poisson(1.0, n),
            "way": rng.integers(1, 4, n),
        }
    )
    times = 1 + rng.choice(len(REPORTS), n, p=REPORTS)
    rows = truth.loc[np.repeat(truth.index, times)].rename_axis("case").reset_index()
    agencies = np.concatenate([rng.permutation(AGENCIES)[:k] for k in times])
    return _told(rows, agencies, surroundings, sloppiness, rng)


def _told(
    rows: pd.DataFrame,
    agencies: NDArray[np.str_],
    surroundings: Surroundings,
    how: Sloppiness,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    n = len(rows)
    delay = np.where(rng.random(n) < how.late, np.ceil(rng.exponential(how.delay_days, n)), 0).astype(int)
    fate = rng.random(n)
    beside = surroundings.neighbours.groupby("unit_a")["unit_b"].agg(list)
    around = surroundings.districts.groupby("unit_code")["district"].first()
    near = pd.Series([rng.choice(beside[unit]) for unit in rows["unit"]], dtype="str")
    unit = rows["unit"].astype("str").where(fate >= how.beside, near)
    vague = fate > 1 - how.district - how.nowhere
    district = rows["unit"].map(around).where(vague & (fate <= 1 - how.nowhere))
    offset = {name: rng.choice([-1, 1], n) * (rng.random(n) < share) for name, share in _shares(how).items()}
    crossing = (rows["unit"] + "-" + rows["way"].astype(str)).astype("str")
    table = pd.DataFrame(
        {
            "case_id": [f"SIM-{number:07}" for number in rng.permutation(n)],
            "date": (START + rows["day"].to_numpy() + delay).astype("datetime64[ns]"),
            "date_precision": rng.choice(
                ["month", "quarter", "day"], n, p=[how.coarse, how.coarse / 2, 1 - 1.5 * how.coarse]
            ),
            "commune_code": unit.mask(vague),
            "district": district,
            "victims": (rows["victims"] + offset["victims"]).clip(1).astype("Int64"),
            "offenders": (rows["offenders"] + offset["offenders"]).clip(0).astype("Int64").mask(rng.random(n) < 0.2),
            "crossing_id": crossing.mask(rng.random(n) < 0.7),
            "source": agencies,
            "data_kind": "simulated",
        }
    )
    return table, table["commune_code"], rows["case"]


def _shares(how: Sloppiness) -> dict[str, float]:
    return {"victims": how.miscounted, "offenders": 2 * how.miscounted}


def judge(rows: pd.DataFrame, case: pd.Series, links: pd.DataFrame) -> tuple[float, float]:
    """Return precision and recall of links: shares of true ones among them, and of the true pairs that they hold."""
    of = case.set_axis(rows["case_id"])
    true = of[links["id_a"]].to_numpy() == of[links["id_b"]].to_numpy()
    size = case.value_counts()
    pairs = (size * (size - 1) // 2).sum()
    return float(true.mean()), float(true.sum() / pairs)


def built_in() -> Surroundings:
    """Return the neighbours and former districts of the 45 communes of 2025."""
    return Surroundings.of(gazetteer(boundaries.communes(VINTAGES[-1]), "EPSG:9205"))


def _line(name: str, worlds: int, cases: float, how: Sloppiness, least: float, surroundings: Surroundings) -> None:
    found = []
    for seed in range(worlds):
        rows, units, case = simulate_reports(cases, surroundings, sloppiness=how, random_state=seed)
        links = find_links(rows, units, surroundings=surroundings, least=least)
        found.append((*judge(rows, case, links), len(rows) / YEARS, len(links) / YEARS))
    table = np.array(found)
    half = stats.t.ppf(0.95, worlds - 1) * table.std(axis=0, ddof=1) / np.sqrt(worlds)
    cells = "".join(f"{f'{mean:.2f} ± {width:.2f}':>16}" for mean, width in zip(table.mean(axis=0), half, strict=True))
    print(f"{name:<40}{cells}")


def _many(rows_wanted: int, side: int) -> None:
    """Time the links of many rows in a made-up country of ``side``² square communes in a lattice."""
    number = np.arange(side * side).reshape(side, side)
    steps = [(number[:, :-1], number[:, 1:]), (number[:-1], number[1:])]
    both = [(one.ravel(), other.ravel()) for a, b in steps for one, other in ((a, b), (b, a))]
    codes = [np.char.zfill(np.concatenate(side).astype(str), 5) for side in zip(*both, strict=True)]
    districts = pd.DataFrame({"unit_code": np.char.zfill(number.ravel().astype(str), 5)})
    districts["district"] = (number.ravel() // 5).astype(str)
    surroundings = Surroundings(pd.DataFrame(dict(zip(("unit_a", "unit_b"), codes, strict=True))), districts)
    rows, units, case = simulate_reports(rows_wanted / YEARS / 1.5, surroundings)
    begin = time.perf_counter()
    links = find_links(rows, units, surroundings=surroundings)
    seconds = time.perf_counter() - begin
    precision, recall = judge(rows, case, links)
    print(
        f"{len(rows):,} rows in {side * side:,} communes: {seconds:.1f} s, {len(links):,} links, "
        f"precision {precision:.2f}, recall {recall:.2f}"
    )


def _dense(rows_wanted: int, surroundings: Surroundings) -> None:
    """Time the links of many rows in one commune and one month, where all pairs would be their square."""
    rng = np.random.default_rng(0)
    n, day = rows_wanted, np.datetime64("2017-03-01")
    rows = pd.DataFrame(
        {
            "case_id": [f"SIM-{number:07}" for number in range(n)],
            "date": (day + rng.integers(0, 31, n)).astype("datetime64[ns]"),
            "victims": pd.array(1 + rng.poisson(0.25, n), dtype="Int64"),
            "source": rng.choice(AGENCIES, n),
            "data_kind": "simulated",
        }
    )
    units = pd.Series(np.full(n, surroundings.neighbours["unit_a"].iloc[0]), index=rows.index, dtype="str")
    said: list[Message] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin, used = time.perf_counter(), time.process_time()
    links = find_links(rows, units, surroundings=surroundings, tell=said.append)
    seconds, used = time.perf_counter() - begin, time.process_time() - used
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20
    told = "; ".join(map(str, said)) or "all compared"
    print(
        f"{n:,} rows in one commune and month: {seconds:.1f} s ({used:.1f} s of one core), {memory:.2f} GB more, "
        f"{len(links):,} links; {told}"
    )


def _told_again(worlds: int, cases: float, surroundings: Surroundings) -> None:
    """Count the links within one office whose files have no numbers, and those found when half the rows come again."""
    counts = []
    for seed in range(worlds):
        rows, units, _ = simulate_reports(cases, surroundings, random_state=seed)
        mine = rows["source"] == AGENCIES[0]
        rows, units = rows[mine].reset_index(drop=True), units[mine].reset_index(drop=True)
        rows = rows.assign(
            case_id=[f"{number:016x}" for number in range(len(rows))],
            intake_id=rows["date"].dt.to_period("Q").astype("str"),
        )
        again = rows[::2].assign(intake_id="later", offenders=pd.array([9] * len(rows[::2]), dtype="Int64"))
        again["case_id"] = "f" + again["case_id"].str[1:]
        twice, of_twice = pd.concat([rows, again], ignore_index=True), pd.concat([units, units[::2]], ignore_index=True)
        alone, links = (
            find_links(one, where, surroundings=surroundings, apart=told_apart_by(one, "cases"))
            for one, where in ((rows, units), (twice, of_twice))
        )
        true = links["id_a"].str[1:] == links["id_b"].str[1:]
        counts.append((len(rows), len(alone), len(again), int(true.sum()), int((~true).sum())))
    n, asked, told, found, false = np.sum(counts, axis=0)
    print(
        f"{cases} cases a year, {n} rows of one office in files of a quarter: {asked} links; "
        f"{told} told again with other offenders: {found} found, {false} others"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--dense", action="store_true", help="only the rows that lie in one commune and month")
    arguments = parser.parse_args()
    worlds = arguments.worlds
    surroundings = built_in()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}")
    for rows in (1_000, 5_000, 10_000, 100_000, 1_000_000):
        _dense(rows, surroundings)
    if arguments.dense:
        return
    print(f"{worlds} simulated worlds (seeds 0 to {worlds - 1}) of {YEARS} years; links of a score of {LEAST} and more")
    headings = "".join(f"{name:>16}" for name in ("precision", "recall", "rows a year", "links a year"))
    print(f"{'':<40}{headings}")
    for cases in (15, 30, 60):
        _line(f"{cases} cases a year", worlds, cases, Sloppiness(), LEAST, surroundings)
    _line("30 cases a year, careful agencies", worlds, 30, CAREFUL, LEAST, surroundings)
    _line("30 cases a year, sloppy agencies", worlds, 30, SLOPPY, LEAST, surroundings)
    for least in (0.1, 0.5, 0.8):
        _line(f"30 cases a year, links from {least}", worlds, 30, Sloppiness(), least, surroundings)
    for cases in (15, 60):
        _told_again(worlds, cases, surroundings)
    for rows, side in ((10_000, 57), (100_000, 57), (1_000_000, 104)):
        _many(rows, side)


if __name__ == "__main__":
    main()
