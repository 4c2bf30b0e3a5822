"""`diemnong demo`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption, QuietOption, SeedOption
from cli.printing import Printer


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
