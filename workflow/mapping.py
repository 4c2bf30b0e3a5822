"""The maps of a workspace drawn anew, on a paper that the user chooses."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo.errors import Message
from geo.workspace import Workspace
from maps.outputs import RunContent, map_content, write_manifest, write_paper
from maps.release import MANIFEST, Level, released
from maps.web import render_map
from workflow.running import analysed, content_of
from workflow.steps import Clock, Tell, silent


@dataclass(frozen=True)
class Mapped:
    """Maps that were written: where they lie, and what they show."""

    folder: Path
    files: tuple[str, ...]
    content: RunContent

    refused = False

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return what to tell the user."""
        simulated = Message("SIMULATED DATA: nothing in these records happened")
        files = (Message("Files: {folder}", {"folder": str(self.folder / name)}) for name in self.files)
        return (*((simulated,) if self.content.simulated else ()), *files)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain values, for JSON."""
        return {"folder": str(self.folder), "files": list(self.files), "data_kind": self.content.data_kind}


def draw_maps(workspace: Workspace, *, paper: str = "a3", out: Path | None = None, tell: Tell = silent) -> Mapped:
    """Analyse a workspace as a run does, and write its maps: for the screen, on paper, and the atlas.

    Parameters
    ----------
    workspace
        Where the layers are.
    paper
        One of `maps.print.PAPERS`.
    out
        Folder of the maps; by default ``maps/<paper>`` in the workspace. Maps that it holds are replaced.

    Raises
    ------
    WorkspaceError
        If there is nothing to rank yet, or the workspace cannot be read.
    ReleaseError
        If the folder holds something else, or cannot be written; nothing is then left behind.
    """
    clock, folder = Clock(tell), out or workspace.folder / "maps" / paper
    lang = workspace.settings.lang
    layers, analysis, model_id = analysed(workspace, clock)
    content = content_of(workspace, layers, analysis, model_id, datetime.now(UTC).date())
    shown = map_content(content)
    with clock.step("write", Message("Drawing the maps")), released(folder) as draft:
        (draft / "map.html").write_text(render_map(shown, lang), encoding="utf-8")
        paper_files = write_paper(draft, shown, content.grid.crs, lang=lang, paper=paper, pages=content.atlas_pages)
        files = ("map.html", *paper_files)
        manifest = {
            "data_kind": content.data_kind,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": workspace.settings.model_dump(mode="json"),
            "period": content.period,
            "inputs": dict(layers.inputs),
            "model": {"in_use": model_id},
            "outputs": files,
        }
        write_manifest(draft, manifest, Level.PLANNER)
    return Mapped(folder, (*files, MANIFEST), content)
