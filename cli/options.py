"""The options that several commands take."""

import os
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from geo.workspace import Workspace


class Lang(StrEnum):
    """Languages of what is printed."""

    vi = "vi"
    en = "en"


class Vintage(StrEnum):
    """Unit systems of the communes, by the day they took effect."""

    since_2025 = "2025-07-01"
    since_2020 = "2020-01-01"


class Repair(StrEnum):
    """Repairs of polygons that a user may allow."""

    validity = "validity"
    overlaps = "overlaps"
    gaps = "gaps"


_language: ContextVar[str | None] = ContextVar("language", default=None)
_asked: ContextVar[str | None] = ContextVar("asked", default=None)


def language() -> str:
    """Return the language that was asked for: errors are said after the command has ended, or before it is read."""
    return _language.get() or _named(sys.argv)


def _named(arguments: list[str]) -> str:
    after = dict(pairwise(arguments))
    named = after.get("--lang", os.environ.get("DIEMNONG_LANG"))
    return Lang.en.value if named == Lang.en.value else Lang.vi.value


def _remember(context: typer.Context, option: typer.CallbackParam, lang: Lang) -> Lang:
    _language.set(lang.value)
    source = context.get_parameter_source(str(option.name))
    _asked.set(None if source is None or source.name == "DEFAULT" else lang.value)
    return lang


def opened(folder: Path) -> "Workspace":
    """Return the workspace, its outputs in the language that was asked for; if none was, in that of its settings."""
    from geo.workspace import Workspace

    return Workspace(folder, lang=_asked.get())


def as_json() -> bool:
    """Return whether JSON was asked for, in a line that may be unreadable else: errors are then JSON too."""
    return "--json" in sys.argv


LangOption = Annotated[
    Lang, typer.Option(envvar="DIEMNONG_LANG", is_eager=True, callback=_remember, help="Ngôn ngữ / Language")
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="In kết quả dạng JSON / Print results as JSON"),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Không hiện thanh tiến độ / No progress bar")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra, không ghi / Check only, write nothing")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Ghi đè tệp cũ / Replace an earlier file")]
SeedOption = Annotated[int, typer.Option(min=0, help="Hạt giống ngẫu nhiên / Seed of random steps")]
SeedOrSettingsOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Hạt giống, mặc định như mô hình / Seed, by default the model's")
]
PlanFolderOption = Annotated[
    Path | None, typer.Option("--out", "-o", help="Thư mục kết quả, mặc định plans/ / Folder of the plan")
]
FolderOption = Annotated[
    Path,
    typer.Option("--workspace", "-w", envvar="DIEMNONG_WORKSPACE", help="Thư mục làm việc / Folder of the workspace"),
]


PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="Tệp chứa cụm mật khẩu ở dòng đầu / File with the passphrase in its first line",
    ),
]


def passphrase_of(file: Path | None, *, twice: bool) -> str:
    """Return a passphrase from a file's first line or the terminal; never from an argument, which others can see."""
    if file is not None:
        return next(iter(file.read_text(encoding="utf-8").splitlines()), "")
    return str(typer.prompt("Cụm mật khẩu / Passphrase", hide_input=True, confirmation_prompt=twice, err=True))


def columns_of(pairs: Iterable[str]) -> dict[str, str]:
    """Return what ``--column OURS=THEIRS`` names, ours → theirs."""
    for pair in pairs:
        if "=" not in pair:
            raise typer.BadParameter(f"{pair}: OURS=THEIRS, for example commune_code=MaXa", param_hint="--column")
    return dict(pair.split("=", 1) for pair in pairs)


def numbers_of(pairs: Iterable[str]) -> dict[str, int]:
    """Return what ``--capacity AGENCY=N`` gives."""
    found: dict[str, int] = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        if not number.isdecimal() or name in found:
            raise typer.BadParameter(
                f"{pair}: AGENCY=N, each agency once, for example police=100", param_hint="--capacity"
            )
        found[name] = int(number)
    return found
