"""`diemnong check`."""

from pathlib import Path

from cli.options import FolderOption, JsonOption, Lang, LangOption, opened
from cli.printing import Printer


def check(workspace: FolderOption = Path(), lang: LangOption = Lang.vi, as_json: JsonOption = False) -> None:
    """Kiểm tra thư mục làm việc / Check the whole workspace."""
    import workflow

    Printer(lang.value, as_json).result(workflow.check(opened(workspace)))
