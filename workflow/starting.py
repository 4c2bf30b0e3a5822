"""A workspace of another province, or the whole country: what the program knows of it is what its layer says."""

from collections.abc import Collection, Mapping
from pathlib import Path

from geo.errors import Message, WorkspaceError
from geo.own_communes import load_own_communes
from geo.workspace import Settings
from workflow.added import Added
from workflow.layers import init


def init_elsewhere(
    folder: Path,
    settings: Settings,
    file: Path,
    *,
    crs: str | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    repair: Collection[str] = (),
) -> Added:
    """Make a workspace of the communes of a file; it has no border and no crossings until they are added.

    Parameters
    ----------
    folder, settings
        See `workflow.layers.init`; the title must not be that of the built-in province.
    file, columns, layer, repair
        See `geo.own_communes.load_own_communes`.
    crs
        CRS of a file that declares none; the metric one is in the settings.

    Raises
    ------
    IntakeError, CrsError, SchemaError
        If the file cannot be used.
    WorkspaceError
        If the folder is in use or cannot be written, or the title is wrong.
    """
    if settings.title == Settings().title:
        raise WorkspaceError(
            "Maps of other communes are not called {title}; name them with --title", title=settings.title
        )
    loaded = load_own_communes(
        file,
        vintage=settings.vintage,
        crs=settings.crs,
        declared_crs=crs,
        layer=layer,
        columns=columns,
        repair=repair,
    )
    n, said = len(loaded.communes), [finding.as_message() for finding in loaded.findings]
    values = {"file": file.name, "kind": Message("communes"), "n": n, "folder": str(folder)}
    if loaded.usable:
        init(folder, settings, loaded.communes)
        said.append(Message("{file}: {n} features taken as {kind}", values))
        said.append(Message("Workspace made, without a border. Next: diemnong add border FILE -w {folder}", values))
    else:
        said.append(Message("{file}: the layer was not taken; mend the errors above or allow a repair", values))
    return Added("communes", file.name, n, n if loaded.usable else 0, messages=tuple(said), refused=not loaded.usable)
