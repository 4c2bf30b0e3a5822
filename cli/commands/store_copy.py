"""`diemnong store copy`."""

from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption
from cli.printing import Printer


def store_copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Tệp layers.gpkg hoặc địa chỉ / File or address")],
    target: Annotated[str, typer.Argument(metavar="TO", help="postgresql://user@host/database hoặc tệp / or file")],
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Chép kho dữ liệu giữa tệp và cơ sở dữ liệu / Copy all layers and tables between a file and a database."""
    import workflow

    Printer(lang.value, as_json).result(workflow.copy_store(source, target))
