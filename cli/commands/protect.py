"""`diemnong protect`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption, PassphraseFileOption, passphrase_of
from cli.printing import Printer


def protect(
    path: Annotated[Path, typer.Argument(help="Tệp hoặc thư mục / File or folder", exists=True)],
    to: Annotated[
        list[str] | None, typer.Option(help="Khóa công khai của người nhận, hoặc tệp / Public key, or a file of them")
    ] = None,
    passphrase: Annotated[
        bool, typer.Option("--passphrase", help="Khóa bằng cụm mật khẩu, hỏi khi chạy / By a passphrase, asked for")
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Tệp đã mã hóa / The encrypted file")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Xóa bản gốc / Remove what is encrypted")] = False,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Mã hóa tệp hoặc thư mục / Encrypt a file or a folder."""
    import workflow

    asked = passphrase or passphrase_file is not None
    words = passphrase_of(passphrase_file, twice=True) if asked else None
    result = workflow.protect(path, to=to or [], passphrase=words, out=out, remove=remove)
    Printer(lang.value, as_json).result(result)
