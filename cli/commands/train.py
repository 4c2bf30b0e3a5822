"""`diemnong train`."""

from pathlib import Path

from cli.options import FolderOption, JsonOption, Lang, LangOption, QuietOption, opened
from cli.printing import Printer


def train(
    workspace: FolderOption = Path(),
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Huấn luyện mô hình nguy cơ / Train the risk model on the workspace."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.train(opened(workspace), tell=tell)
    printer.result(result)
