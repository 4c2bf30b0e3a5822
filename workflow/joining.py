"""The commune of each point of a file of any size."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import Message, ReleaseError
from geo.intake.masking import masked_errors
from geo.intake.persons import persons
from geo.parquet_join import Joined, join_points
from geo.places import NEAR_M
from geo.point_join import PointJoin
from geo.point_parquet import SUFFIX, open_points
from geo.workspace import Workspace
from maps.plans import command_named
from maps.release import Level, released_file
from maps.text import translate


@dataclass(frozen=True)
class JoinedFile:
    """A file of points that was written with their communes.

    Attributes
    ----------
    file
        Where.
    source
        Name of the file that was read.
    found
        How many of each kind.
    """

    file: Path
    source: str
    found: Joined

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""
        counts = {name: getattr(self.found, name) for name in ("inside", "near", "outside", "without_place")}
        said = [Message("SIMULATED DATA: nothing in these records happened")] if self.found.simulated else []
        said += [
            Message(
                "{file}: {inside} points lie in a commune, {near} just outside all, {outside} farther away; {missing} "
                "rows have no place",
                {"file": self.source, **counts, "missing": counts["without_place"]},
            )
        ]
        if self.found.passed_over:
            said.append(
                Message(
                    "{n} rows of {groups} row groups far from all communes were left out unread",
                    {"n": self.found.passed_over, "groups": self.found.groups - self.found.groups_read},
                )
            )
        said.append(Message("COMMAND LEVEL: not to leave the command"))
        said.append(Message("Files: {folder}", {"folder": str(self.file)}))
        return tuple(said)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {
            "file": str(self.file),
            **vars(self.found),
            "release_level": Level.COMMAND.value,
            "messages": [translate(message, "en") for message in self.messages],
        }


def join_file(
    workspace: Workspace,
    file: Path,
    out: Path,
    *,
    keep: Sequence[str] = (),
    crs: str | None = None,
    only_near: bool = False,
    overwrite: bool = False,
) -> JoinedFile:
    """Write the points of a GeoParquet file with the workspace's commune of each, in the order of space.

    Memory holds a chunk of the points, however many there are.

    Parameters
    ----------
    workspace
        Whose communes.
    file
        GeoParquet; see `geo.point_parquet.open_points`.
    out
        GeoParquet; its name gets the prefix `maps.plans.COMMAND_PREFIX`, for points may not leave the command.
    keep
        Columns that go along.
    crs, only_near
        See `geo.parquet_join.join_points`.
    overwrite
        Whether ``out`` may be replaced.

    Raises
    ------
    IntakeError, CrsError
        If the file cannot be used.
    ReleaseError
        If the result cannot be written.
    """
    if out.suffix.lower() != SUFFIX:
        raise ReleaseError("{file}: points with their communes are GeoParquet; name it .parquet", file=out.name)
    out = command_named(out)
    communes = workspace.store.read("communes")
    join = PointJoin(communes, workspace.settings.crs)
    reach = NEAR_M[str(communes["geometry_quality"].iloc[0])]
    with masked_errors(persons()), open_points(file) as source, released_file(out, overwrite=overwrite) as draft:
        kept = list(dict.fromkeys([*keep, *{"data_kind"}.intersection(source.columns)]))
        found = join_points(
            source,
            draft,
            join,
            kept,
            vintage=workspace.settings.vintage,
            reach_m=reach,
            crs=crs,
            only_near=only_near,
        )
    return JoinedFile(out, persons().masked_file(file.name), found)
