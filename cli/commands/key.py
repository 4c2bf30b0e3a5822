"""`diemnong key`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption
from cli.printing import Printer


def key(
    file: Annotated[Path, typer.Argument(help="Tệp khóa bí mật mới / File of the new secret key")],
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Tạo khóa để người khác mã hóa gửi cho mình / Make a key, so that others can encrypt for you."""
    import workflow

    Printer(lang.value, as_json).result(workflow.new_key(file))
