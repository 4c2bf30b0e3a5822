"""What a troubled file is: how it is made, and what has to become of it. All content is made up."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.geo.intake.corpus.rows import CANARY

HEADING = "case_id,date,commune_code,vintage,victims,source"
ROW = f"{CANARY},2017-03-31,03160,2025-07-01,1,police"
OTHER = f"{CANARY}-2,2017-04-01,03162,2025-07-01,2,hotline"
CSV = f"{HEADING}\n{ROW}\n{OTHER}\n"
PDF = f"%PDF-1.4\n1 0 obj\n<< /Title ({CANARY}) >>\nendobj\n".encode()


@dataclass(frozen=True)
class FileTrouble:
    """One file and its outcome.

    Attributes
    ----------
    name
        Of the entry.
    file
        The file's name.
    make
        Writes it at a path, or is its content.
    said
        A part of what is said of it.
    read, rejected, repaired
        Numbers of rows; ``read`` is None where the file is refused as a whole.
    kind
        What it is added as.
    options
        Of `workflow.add`.
    """

    name: str
    file: str
    make: Callable[[Path], object] | bytes | str
    said: str
    read: int | None = None
    rejected: int = 0
    repaired: int = 0
    kind: str = "cases"
    options: tuple[tuple[str, object], ...] = ()

    def write(self, folder: Path) -> Path:
        """Write the file into a folder; return its path."""
        path = folder / self.file
        if callable(self.make):
            self.make(path)
        else:
            path.write_bytes(self.make.encode() if isinstance(self.make, str) else self.make)
        return path


def zipped(members):
    """Return what writes an archive of members."""

    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return write


def cut(make, share):
    """Return what writes only the first share of what another writes."""

    def write(path):
        make(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return write
