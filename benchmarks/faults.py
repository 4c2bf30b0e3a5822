"""What is lost when processes are killed, disks are full or read-only, and files are damaged.

A small workspace of made-up records is changed again and again in forks that are killed (SIGKILL) at random moments of
adding, undoing, running, promoting, forgetting and backing up; half of the moments are drawn from the time in which
the change is put on the disk. After each kill a reader must see the rows of before or of after; then, once the
workspace is opened for the next change, every file must be that of before or of after, whole by its hash. Lost: a row
that both states have is not there. Torn: anything else than one of the two states.
Beside it, in the same run, what the same kills do to files that are written in place.

Printed: the counts. It ends with 1 if anything was lost or torn where it should not be.
"""

import argparse
import os
import platform
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

import workflow
from geo import durable
from geo.durable import drafted
from geo.errors import DiemnongError
from geo.geopackage import STORE, GeoPackage, write_frames
from geo.workspace import Workspace
from models.registry import MODEL, Registry
from models.risk import RiskModel

NOW = datetime(2018, 1, 2, tzinfo=UTC)
LATER = NOW.replace(month=6)
PASSING = (".lock", "workspace.sha256")


@dataclass
class Base:
    """A workspace of made-up records, and what an operation needs besides."""

    folder: Path
    file: Path
    last_intake: str


@dataclass
class Count:
    """What kills did."""

    tried: int = 0
    killed: int = 0
    old: int = 0
    new: int = 0
    lost: int = 0
    torn: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in vars(self)))

    def __str__(self) -> str:
        return f"{self.killed:7} {self.old:7} {self.new:7} {self.lost:5} {self.torn:5}"


Work = Callable[[Workspace, Base], object]
OPERATIONS: dict[str, Work] = {
    "add": lambda w, base: workflow.add(w, "cases", base.file, now=LATER),
    "undo": lambda w, base: workflow.undo(w, base.last_intake, now=LATER),
    "promote": lambda w, _: workflow.promote(w, now=LATER),
    "forget": lambda w, _: workflow.forget(w, date(2017, 1, 1), now=LATER),
    "backup": lambda w, _: workflow.backup(w.folder, w.folder.parent / "backup.zip", overwrite=True, now=LATER),
    "run": lambda w, _: workflow.run(w, now=LATER),
}
SHARES = {"add": 0.3, "undo": 0.2, "promote": 0.1, "forget": 0.2, "backup": 0.15, "run": 0.05}
"""Of the kills; a run takes longest."""
PORTION = 25
"""Kills that a process makes before it tells."""


def make_base(place: Path) -> Base:
    """Make the workspace in a fork: what has run parallel code cannot be forked for more of it."""
    killed(lambda: _make_base(place), None)
    workspace = Workspace(place / "base")
    workflow.add(workspace, "cases", place / "more.csv", dry_run=True)  # forks need not load again what this loads
    return Base(workspace.folder, place / "more.csv", workflow.intakes(workspace)[-1]["intake_id"])


def _make_base(place: Path) -> None:
    """Make a workspace with cases of two intakes that may be one, absences, and a trained model."""
    made = workflow.init(place / "base")
    for hour, (name, table, rows) in enumerate(
        (
            ("police", "cases", [_case(f"police-{n}", f"{2015 + n % 3}-0{1 + n % 9}-11", "police") for n in range(30)]),
            ("absences", "absences", [_absence(n) for n in range(20)]),
            (
                "guard",
                "cases",
                [_case(f"guard-{n}", f"{2015 + n % 3}-0{1 + n % 9}-12", "border_guard") for n in range(9)],
            ),
        )
    ):
        workflow.add(made, table, _csv(place / f"{name}.csv", rows), now=NOW.replace(hour=hour))
    workflow.train(made, RiskModel(counts=("cases",), draws=20), now=NOW)
    more = [_case(f"hotline-{n}", f"2017-0{1 + n % 9}-13", "hotline") for n in range(9)]
    _csv(place / "more.csv", more)


PLACE = {"commune_code": "03160", "vintage": "2025-07-01", "data_kind": "simulated"}


def _case(identifier: str, day: str, source: str) -> dict[str, object]:
    return {"case_id": f"simulated-{identifier}", "date": day, "victims": 1, "source": source, **PLACE}


def _absence(n: int) -> dict[str, object]:
    status = ("open", "returned")[n % 2]
    return {"absence_id": f"simulated-{n}", "reported_on": f"{2015 + n % 3}-05-05", "status": status, **PLACE}


def _csv(file: Path, rows: list[dict[str, object]]) -> Path:
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def killed(work: Callable[[], object], after: float | None, *, of_settling: bool = False) -> bool:
    """Run some work in a fork and kill it; tell whether it was killed before its end.

    Parameters
    ----------
    work
        What to do.
    after
        How many seconds it has; None if it is to end by itself.
    of_settling
        Whether they count from the moment in which the first file is put on the disk.
    """
    settling, begun = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            _tell_of_settling(begun)
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    os.close(begun)
    if after is not None:
        if of_settling:
            select.select([settling], [], [])  # also readable when the work ends
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(settling)
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the work ended with {code}")
    return code != 0


def _tell_of_settling(pipe: int) -> None:
    settle = durable.settle

    def telling(path: Path) -> None:
        os.write(pipe, b".")
        settle(path)

    durable.settle = telling


def rows_of(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the identifiers of the cases and absences, as a reader without a lock sees them."""
    found = GeoPackage(folder / STORE).read_together(["cases", "absences"])
    return frozenset(found["cases"]["case_id"]), frozenset(found["absences"]["absence_id"])


@dataclass(frozen=True)
class State:
    """What tells a workspace before from one after: rows, links, which files there are, and the intakes' reports."""

    cases: frozenset[str]
    absences: frozenset[str]
    links: int
    files: frozenset[str]
    reports: tuple[bytes, ...]


def state_of(folder: Path) -> State:
    """Return the state of a workspace."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return State(
        *rows_of(folder),
        len(GeoPackage(folder / STORE).read("links")),
        frozenset(path for path in files if path not in PASSING),
        tuple(path.read_bytes() for path in sorted(folder.glob("intake/*/intake.json"))),
    )


def kill_often(base: Base, name: str, kills: int, seed: int) -> Count:
    """Kill an operation at random moments, and look at what it left each time."""
    work, count, draws = OPERATIONS[name], Count(), random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "w"

        def fresh() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(base.folder, folder)

        def timed(*, of_settling: bool) -> float:
            fresh()
            begin = time.perf_counter()
            if of_settling:  # what is left after the moment in which settling begins
                killed(lambda: work(Workspace(folder), base), 0, of_settling=True)
                begun = time.perf_counter() - begin
                return max(whole_time - begun, 0.02)
            killed(lambda: work(Workspace(folder), base), None)
            return time.perf_counter() - begin

        fresh()
        old = state_of(folder)
        whole_time = timed(of_settling=False)
        new = state_of(folder)
        assert new != old, f"{name} changes nothing"
        settling_time = min(timed(of_settling=True), 0.3)
        pace = 1.0  # a machine with other work is not always as fast as when the times were taken
        while count.killed < kills and count.tried < 40 * kills:
            fresh()
            of_settling = bool(count.tried % 2)
            after = pace * draws.uniform(0, settling_time if of_settling else whole_time)
            count.tried += 1
            in_time = killed(lambda: work(Workspace(folder), base), after, of_settling=of_settling)
            pace *= 1.05 if in_time else 0.8
            count.killed += in_time
            _judge(count, folder, old, new)
    return count


def overwrite_often(base: Base, kills: int, place: Path, draws: random.Random) -> dict[str, Count]:
    """Kill three ways of writing a store: over the old file, in the old GeoPackage, and as a draft of its own."""
    target = place / "plain.gpkg"
    old = (base.folder / STORE).read_bytes()
    cases = GeoPackage(base.folder / STORE).read("cases")
    changed = place / "changed.gpkg"
    changed.write_bytes(old)
    write_frames(changed, {"cases": cases.assign(victims=2)})
    new = changed.read_bytes()

    def over() -> None:
        while True:
            for data in (new, old):
                with target.open("wb") as stream:
                    for begin in range(0, len(data), 2**16):
                        stream.write(data[begin : begin + 2**16])

    def drafts() -> None:
        while True:
            for data in (new, old):
                with drafted(target) as draft:
                    draft.write_bytes(data)

    def inside() -> None:
        while True:
            for victims in (2, 1):
                write_frames(target, {"cases": cases.assign(victims=victims)})

    def is_whole_geopackage() -> bool:
        try:
            found = GeoPackage(target).read("cases")["victims"]
        except DiemnongError:
            return False
        return len(found) == len(cases) and found.nunique() == 1

    ways: dict[str, tuple[Callable[[], None], Callable[[], bool]]] = {
        "file overwritten in place (unprotected)": (over, lambda: target.read_bytes() in (old, new)),
        "GeoPackage changed in place (unprotected)": (inside, is_whole_geopackage),
        "draft, fsync, rename (geo.durable)": (drafts, lambda: target.read_bytes() in (old, new)),
    }
    counts = {}
    for way, (work, is_whole) in ways.items():
        counts[way] = Count()
        for _ in range(kills):
            for journal in place.glob(f"{target.name}-*"):  # of the last one killed: it would be rolled into this one
                journal.unlink()
            target.write_bytes(old)
            counts[way].killed += killed(work, 0.02 + draws.uniform(0, 0.1))
            counts[way].tried += 1
            counts[way].torn += not is_whole()
    return counts


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """Give a folder on a disk of some bytes: a tmpfs of its own. Only root can mount one."""
    with tempfile.TemporaryDirectory() as name:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", name], check=True, capture_output=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


@cache
def can_mount() -> bool:
    """Tell whether this process may mount a disk: root mostly may, but not in every container."""
    try:
        with small_disk(2**20):
            return True
    except (subprocess.CalledProcessError, FileNotFoundError):
        return False


def fill_disks(base: Base, steps: int, tmpfs: bool) -> Count:
    """Add a file where the disk is full after more and more bytes, or where files cannot grow beyond them."""
    count, (old, new) = Count(), _states_of_add(base)
    used = sum(-(-path.stat().st_size // 4096) * 4096 + 4096 for path in base.folder.rglob("*"))
    need = 3 * (base.folder / STORE).stat().st_size
    for step in range(steps):
        room = need * step // (steps - 1)
        with small_disk(used + room) if tmpfs else tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "w"
            shutil.copytree(base.folder, folder)
            count.tried += 1
            killed(lambda folder=folder, room=room: _add_in(folder, base, None if tmpfs else room), None)  # type: ignore[misc]
            _judge(count, folder, old, new)
    return count


def _add_in(folder: Path, base: Base, longest: int | None) -> None:
    """Add a file to a workspace, which may be refused, with a limit to the length of files."""
    if longest is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    try:
        workflow.add(Workspace(folder), "cases", base.file, now=LATER)
    except DiemnongError:
        os._exit(0)


def _states_of_add(base: Base) -> tuple[State, State]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "w"
        shutil.copytree(base.folder, folder)
        old = state_of(folder)
        workflow.add(Workspace(folder), "cases", base.file, now=LATER)
        return old, state_of(folder)


def _judge(count: Count, folder: Path, old: State, new: State) -> None:
    """Count what became of a workspace: first as a reader sees it, then as the next change finds it."""
    seen = rows_of(folder)
    whole = workflow.verify(folder).is_whole
    found = state_of(folder)
    kept = (old.cases & new.cases) | (old.absences & new.absences)
    count.lost += not kept <= found.cases | found.absences
    count.torn += not whole or seen not in ((old.cases, old.absences), (new.cases, new.absences))
    count.torn += whole and found not in (old, new)
    count.old += found == old
    count.new += found == new


def read_only(base: Base, runs: bool = True) -> dict[str, bool]:
    """Try a workspace on a read-only disk; ``runs`` says whether to run there too, which takes longest."""
    with tempfile.TemporaryDirectory() as out, small_disk(2**28) as place:
        shutil.copytree(base.folder, place / "w")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        workspace = Workspace(place / "w")
        found = {
            "verify": workflow.verify(workspace.folder).is_whole,
            "forget --dry-run": bool(workflow.forget(workspace, date(2017, 1, 1), dry_run=True).removed["cases"]),
        }
        if runs:
            found["run --out elsewhere"] = workflow.run(workspace, out=Path(out) / "run").folder.exists()
        for name in ("add", "undo", "promote", "forget", "backup", *(["run"] if runs else [])):
            try:
                OPERATIONS[name](workspace, base)
                found[f"{name} refused"] = False
            except DiemnongError as error:
                found[f"{name} refused"] = "cannot be written: Read-only file system" in str(error)
        return found


def damage(base: Base, times: int, place: Path, draws: random.Random) -> tuple[int, int]:
    """Overwrite a page of the store, and cut the model's file, at random; return how often `verify` named just that."""
    pages = models = 0
    folder = place / "damaged"
    shutil.copytree(base.folder, folder)
    name = Registry(folder / "models").names()[0]
    for path, hits in ((STORE, "pages"), (f"models/{name}/{MODEL}", "models")):
        data = (folder / path).read_bytes()
        for _ in range(times):
            where = draws.randrange(len(data) // 4096) * 4096
            torn = data[:where] + draws.randbytes(4096) + data[where + 4096 :]
            (folder / path).write_bytes(torn if hits == "pages" else data[: draws.randrange(len(data))])
            found = workflow.verify(folder)
            named = {*found.damaged, *found.changed, *found.missing, *found.unknown} == {path}
            pages, models = pages + (named and hits == "pages"), models + (named and hits == "models")
        (folder / path).write_bytes(data)
    return pages, models


def kills_of(base: Base, kills: int, seed: int) -> Iterator[tuple[str, Count]]:
    """Yield each operation with what its share of the kills did, some processes working at once."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        portions = {
            name: [
                pool.submit(kill_often, base, name, min(PORTION, round(share * kills) - done), seed + done)
                for done in range(0, round(share * kills), PORTION)
            ]
            for name, share in SHARES.items()
        }
        for name, futures in portions.items():
            yield name, sum((future.result() for future in futures), Count())


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="of operations; each way of writing gets a tenth")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    draws = random.Random(asked.seed)  # noqa: S311
    print(f"Python {platform.python_version()}, {platform.system()}; seed {asked.seed}; simulated records\n")
    total = Count()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        base = make_base(place)
        print(f"{'killed at a random moment of':44} {'killed':>7} {'before':>7} {'after':>7} {'lost':>5} {'torn':>5}")
        for operation, count in kills_of(base, asked.kills, asked.seed):
            print(f"{operation:44} {count}", flush=True)
            total += count
        print(f"{'all':44} {total}\n")
        for way, count in overwrite_often(base, asked.kills // 10, place, draws).items():
            print(f"{way:44} torn {count.torn} of {count.killed} killed", flush=True)
            total.torn += count.torn if "geo.durable" in way else 0
        count = fill_disks(base, 25, can_mount())
        total.torn += count.torn
        kind = "tmpfs" if can_mount() else "limit of a file's size"
        ended = f"before {count.old}, after {count.new}, torn {count.torn} of {count.tried}"
        print(f"{f'disk full ({kind}) while adding':44} {ended}", flush=True)
        if can_mount():
            found = read_only(base)
            kept = [what for what, good in found.items() if good]
            total.torn += len(found) - len(kept)
            print(f"{'read-only disk':44} as promised {len(kept)} of {len(found)}: {', '.join(kept)}", flush=True)
        pages, models = damage(base, 50, place, draws)
        print(f"{'page of the store overwritten':44} named by verify {pages} of 50")
        print(f"{'model truncated':44} named by verify {models} of 50")
    return int(bool(total.lost or total.torn or pages < 50 or models < 50))


if __name__ == "__main__":
    sys.exit(main())
