"""A workspace of another province, or the whole country: what the program knows of it is what its layer says."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from geo.errors import Message, WorkspaceError
from geo.intake.masking import masked_errors
from geo.intake.persons import persons
from geo.own_communes import load_own_communes
from geo.workspace import Settings
from workflow.added import Added, layer_added
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
    with masked_errors(persons()):
        loaded = load_own_communes(
            file,
            vintage=settings.vintage,
            crs=settings.crs,
            declared_crs=crs,
            layer=layer,
            columns=columns,
            repair=repair,
        )
    n = len(loaded.communes)
    added = layer_added("communes", file, n, loaded.findings, usable=loaded.usable, dry_run=False)
    if not loaded.usable:
        return added
    init(folder, settings, loaded.communes)
    made = Message(
        "Workspace made, without a border. Next: diemnong add border FILE -w {folder}", {"folder": str(folder)}
    )
    return replace(added, messages=(*added.messages, made))
