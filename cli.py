"""The `diemnong` command: parse, call one function of workflow, print. No logic.

Heavy libraries are imported inside the commands, so that `--help` answers at once.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from geo.errors import DiemnongError, Message
from maps.text import translate

if TYPE_CHECKING:
    from geo.workspace import Workspace
    from workflow import RunResult
    from workflow.steps import Tell

app = typer.Typer(
    name="diemnong",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Kind(StrEnum):
    """What a file can be added as."""

    communes = "communes"
    border = "border"
    villages = "villages"
    cases = "cases"
    absences = "absences"
    outreach = "outreach"
    services = "services"
    posts = "posts"
    patrols = "patrols"
    links = "links"


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


class Agency(StrEnum):
    """Whose records a file holds; cases may also come from a hotline, mailboxes or returns."""

    police = "police"
    border_guard = "border_guard"
    labour = "labour"
    justice = "justice"
    womens_union = "womens_union"
    information = "information"
    hotline = "hotline"
    mailbox = "mailbox"
    return_ = "return"
    other = "other"


class Kernel(StrEnum):
    """Kernels of densities."""

    uniform = "uniform"
    epanechnikov = "epanechnikov"
    quartic = "quartic"
    triweight = "triweight"
    gaussian = "gaussian"


class Edges(StrEnum):
    """Corrections of a density near the study area's edge."""

    uniform = "uniform"
    diggle = "diggle"


class Weight(StrEnum):
    """What the counts of a split unit are shared out by."""

    population = "population"
    area = "area"


_language: ContextVar[str] = ContextVar("language", default="vi")
"""The language that was asked for: errors are said after the command has ended."""


def _remember(lang: Lang) -> Lang:
    _language.set(lang.value)
    return lang


LangOption = Annotated[
    Lang, typer.Option(envvar="DIEMNONG_LANG", is_eager=True, callback=_remember, help="Ngôn ngữ / Language")
]
JsonOption = Annotated[bool, typer.Option("--json", help="In kết quả dạng JSON / Print results as JSON")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Không hiện thanh tiến độ / No progress bar")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra, không ghi / Check only, write nothing")]
SeedOption = Annotated[int, typer.Option(min=0, help="Hạt giống ngẫu nhiên / Seed of random steps")]
FolderOption = Annotated[
    Path,
    typer.Option("--workspace", "-w", envvar="DIEMNONG_WORKSPACE", help="Thư mục làm việc / Folder of the workspace"),
]


class Result(Protocol):
    """What the commands return that say messages."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""

    @property
    def refused(self) -> bool:
        """Whether data were rejected."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""


@dataclass(frozen=True)
class Printer:
    """How results are said: language, JSON or words, with or without a progress bar."""

    lang: str
    as_json: bool
    quiet: bool = False

    def say(self, message: Message, *, err: bool = False) -> None:
        """Print one message."""
        typer.echo(translate(message, self.lang), err=err)

    def result(self, result: Result) -> None:
        """Print the messages of a result and leave with code 3 if data were rejected."""
        if self.as_json:
            self._json(result.as_dict())
        else:
            for message in result.messages:
                self.say(message)
        if result.refused:
            raise typer.Exit(3)

    def run(self, result: "RunResult") -> None:
        """Print the two top tens, what could not be placed, and where the files lie."""
        if self.as_json:
            self._json(result.as_dict())
            return
        for message in result.notices():
            self.say(message)
        for title, rows in result.top(self.lang):
            typer.echo("")
            self.say(title)
            for rank, name, score, reason in rows:
                typer.echo(f"{rank:>3}. {name} – {score}\n     {reason}")
        typer.echo("")
        self.say(Message("Files: {folder}", {"folder": str(result.folder)}))
        for file in result.files:
            typer.echo(f"  {result.folder / file}")

    @contextmanager
    def progress(self) -> "Iterator[Tell]":
        """Give a function that is told each step; a bar on stderr if that is a terminal."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda *_: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("")

            def tell(message: Message, done: int, total: int) -> None:
                bar.update(task, description=translate(message, self.lang), completed=done, total=total)

            yield tell

    @staticmethod
    def _json(values: dict[str, Any]) -> None:
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))


@app.callback(invoke_without_command=True)
def diemnong(
    version: Annotated[bool, typer.Option("--version", help="In phiên bản / Print the version")] = False,
) -> None:
    """Điểm nóng: bản đồ nguy cơ và xếp hạng điểm nóng phòng, chống mua bán người.

    Risk maps and hotspot rankings against human trafficking.
    """
    if version:
        from importlib.metadata import version as installed

        typer.echo(installed("diemnong"))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Thư mục kết quả / Folder of the outputs")] = Path("demo-output"),
    seed: SeedOption = 0,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Chạy thử với số liệu mô phỏng / Run everything on simulated records."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.demo(out, seed=seed, lang=lang.value, tell=tell)
    printer.run(result)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới / New folder")],
    vintage: Annotated[Vintage, typer.Option(help="Hệ đơn vị hành chính / Unit system")] = Vintage.since_2025,
    crs: Annotated[str, typer.Option(help="Hệ tọa độ mét / Metric CRS")] = "EPSG:9205",
    seed: SeedOption = 0,
    lang: LangOption = Lang.vi,
) -> None:
    """Tạo thư mục làm việc / Make a workspace with the built-in layers."""
    import workflow
    from geo.workspace import Settings

    workflow.init(folder, Settings.checked({"vintage": vintage.value, "crs": crs, "seed": seed, "lang": lang.value}))
    made = Message("Workspace made. Next: diemnong add cases FILE -w {folder}", {"folder": str(folder)})
    Printer(lang.value, as_json=False).say(made)


@app.command()
def add(
    kind: Annotated[Kind, typer.Argument(help="Loại dữ liệu / What the file holds")],
    file: Annotated[Path, typer.Argument(help="Tệp / The file")],
    workspace: FolderOption = Path(),
    vintage: Annotated[
        Vintage | None, typer.Option(help="Hệ đơn vị của mã xã trong tệp / Unit system of the file's codes")
    ] = None,
    crs: Annotated[str | None, typer.Option(help="Hệ tọa độ nếu tệp không ghi / CRS of a layer without one")] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp / Layer of a file that has several")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Tên cột, ví dụ commune_code=MaXa / A column: ours=theirs")
    ] = None,
    agency: Annotated[
        Agency | None, typer.Option(help="Cơ quan, nếu tệp không ghi / Whose records, if the file does not say")
    ] = None,
    repair: Annotated[list[Repair] | None, typer.Option(help="Cho phép sửa hình học / Allow a repair")] = None,
    dry_run: DryRunOption = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Thêm một tệp / Add a file to the workspace."""
    import workflow

    result = workflow.add(
        _workspace(workspace),
        kind.value,
        file,
        vintage=vintage.value if vintage else None,
        crs=crs,
        layer=layer,
        columns=_columns(column or []),
        repair=[one.value for one in repair or []],
        agency=agency.value if agency else None,
        dry_run=dry_run,
    )
    Printer(lang.value, as_json).result(result)


@app.command()
def undo(
    intake_id: Annotated[str, typer.Argument(help="Mã lần nạp, add in ra / Intake, as add printed it")],
    workspace: FolderOption = Path(),
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Rút lại một lần nạp / Take one intake back."""
    from datetime import UTC, datetime

    import workflow

    Printer(lang.value, as_json).result(workflow.undo(_workspace(workspace), intake_id, now=datetime.now(UTC)))


@app.command()
def check(workspace: FolderOption = Path(), lang: LangOption = Lang.vi, as_json: JsonOption = False) -> None:
    """Kiểm tra thư mục làm việc / Check the whole workspace."""
    import workflow

    Printer(lang.value, as_json).result(workflow.check(_workspace(workspace)))


@app.command()
def run(
    workspace: FolderOption = Path(),
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Xếp hạng điểm nóng và vẽ bản đồ / Rank hotspots and draw the map."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.run(_workspace(workspace), tell=tell)
    printer.run(result)


@app.command()
def density(
    file: Annotated[Path, typer.Argument(help="Tệp điểm: lớp GIS, CSV hoặc Excel / Points: a layer, CSV or Excel")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Tệp raster .tif / The raster")],
    cell: Annotated[float, typer.Option(help="Cạnh ô lưới, mét / Side of a cell, metres")] = 500.0,
    bandwidth: Annotated[
        str, typer.Option(help="Bán kính, mét; hoặc likelihood, least-squares / Radius in metres, or how to choose it")
    ] = "5000",
    kernel: Annotated[Kernel, typer.Option(help="Hàm nhân / Kernel")] = Kernel.quartic,
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="Bán kính rộng nơi ít điểm / Wider where points are few")
    ] = False,
    area: Annotated[
        Path | None, typer.Option(help="Lớp vùng nghiên cứu, để hiệu chỉnh biên / Study area, to correct edges")
    ] = None,
    edges: Annotated[Edges, typer.Option(help="Cách hiệu chỉnh biên / How edges are corrected")] = Edges.uniform,
    weights: Annotated[str | None, typer.Option(help="Cột trọng số / Column with the events of a row")] = None,
    crs: Annotated[str | None, typer.Option(help="Hệ tọa độ nếu tệp không ghi / CRS of a file without one")] = None,
    metric_crs: Annotated[
        str | None, typer.Option(help="Hệ tọa độ mét để tính / Metric CRS to compute in  [EPSG:9205]")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Tên lớp / Layer of a file that has several")] = None,
    column: Annotated[list[str] | None, typer.Option(help="Tên cột, ví dụ lon=KinhDo / A column: ours=theirs")] = None,
    threads: Annotated[int, typer.Option(help="Số luồng, −1: tất cả / Threads, −1: all")] = -1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Ghi đè tệp cũ / Replace an earlier file")] = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Vẽ mật độ từ tệp điểm / Draw the density of any file of points."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.draw_density(
            file,
            out,
            cell_m=cell,
            bandwidth=_bandwidth(bandwidth),
            kernel=kernel.value,
            adaptive=adaptive,
            area=area,
            edges=edges.value,
            weights=weights,
            crs=crs,
            metric=metric_crs,
            layer=layer,
            columns=_columns(column or []),
            n_jobs=threads,
            overwrite=overwrite,
            tell=tell,
        )
    printer.result(result)


@app.command()
def carry(
    file: Annotated[Path, typer.Argument(help="Bảng số liệu theo mã xã / Table of counts by commune code")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Sổ tính kết quả .xlsx / The workbook")],
    source: Annotated[str, typer.Option("--from", help="Hệ đơn vị của bảng / The table's unit system")] = "2020-01-01",
    target: Annotated[str, typer.Option("--to", help="Hệ đơn vị cần có / Unit system to carry to")] = "2025-07-01",
    weight: Annotated[Weight, typer.Option(help="Chia theo / What units are split by")] = Weight.population,
    integer: Annotated[bool, typer.Option("--integer", help="Giữ số nguyên / Keep whole numbers whole")] = False,
    crosswalk: Annotated[Path | None, typer.Option(help="Bảng quy đổi riêng / A crosswalk of your own")] = None,
    province: Annotated[str | None, typer.Option(help="Tỉnh khác / Another province")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Ghi đè tệp cũ / Replace an earlier file")] = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Quy đổi số liệu sang hệ xã khác / Carry counts to communes of another time."""
    import workflow

    result = workflow.carry_file(
        file,
        out,
        source=source,
        target=target,
        weight=weight.value,
        integer=integer,
        crosswalk=crosswalk,
        province=province,
        overwrite=overwrite,
    )
    Printer(lang.value, as_json).result(result)


def _bandwidth(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _workspace(folder: Path) -> "Workspace":
    from geo.workspace import Workspace

    return Workspace(folder)


def _columns(pairs: Iterable[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise typer.BadParameter(f"{pair}: OURS=THEIRS, for example commune_code=MaXa", param_hint="--column")
    return dict(pair.split("=", 1) for pair in pairs)


def main() -> None:
    """Run the command; an error that the program can explain is printed without a traceback."""
    try:
        app()
    except DiemnongError as error:
        message = Message("Error: {message}", {"message": error.message})
        typer.echo(translate(message, _language.get()), err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
