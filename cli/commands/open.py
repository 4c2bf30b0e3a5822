"""`diemnong open`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import JsonOption, Lang, LangOption, PassphraseFileOption, passphrase_of
from cli.printing import Printer


def open(
    file: Annotated[Path, typer.Argument(help="Tệp .age / The encrypted file")],
    key: Annotated[list[Path] | None, typer.Option(help="Tệp khóa bí mật / File of your secret key")] = None,
    passphrase_file: PassphraseFileOption = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Tệp hoặc thư mục kết quả / What to write")] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
) -> None:
    """Mở tệp đã mã hóa / Open an encrypted file."""
    import workflow

    words = passphrase_of(passphrase_file, twice=False) if workflow.needs_passphrase(file) else None
    result = workflow.unprotect(file, keys=key or [], passphrase=words, out=out)
    Printer(lang.value, as_json).result(result)
