"""The `diemnong` command: parse, call one function of workflow, print. No logic.

Each command is a file of its name in `cli.commands`, and listed there. What commands share: `cli.options`, what they
are asked with; `cli.printing`, how they answer; `cli.usage`, what is said of a command line that cannot be read.
"""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from cli.commands import COMMANDS
from cli.options import as_json, language
from cli.unforeseen import libraries_say_nothing, places, unforeseen
from cli.usage import UsageError, in_words, is_help, unknown
from geo.errors import DiemnongError, Message
from maps.text import translate


class Commands(TyperGroup):
    """Commands of one word or two: `add covariate` is a command beside `add`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command, its name and what it is given."""
        two = " ".join(args[:2])
        if not {two, args[0]} & self.commands.keys() and not args[0].startswith("-"):
            raise unknown(args[0], self.commands)
        return super().resolve_command(ctx, [two, *args[2:]] if two in self.commands else args)


app = typer.Typer(
    name="diemnong",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in COMMANDS:
    app.command(command.__name__.replace("_", " "))(command)


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


def main() -> None:
    """Run the command; of an error is printed what the program says of it, never what a library says."""
    try:
        with libraries_say_nothing():
            code = app(prog_name="diemnong", standalone_mode=False)
        sys.exit(code)
    except (SystemExit, KeyboardInterrupt):
        raise
    except UsageError as error:
        if is_help(error):
            error.show()
            sys.exit(error.exit_code)
        _complain(in_words(error), error.exit_code)
    except typer.Abort:
        _complain(Message("Broken off"), 1)
    except DiemnongError as error:
        _complain(error.message, error.exit_code)
    except BaseException as error:  # a library's panic is no Exception
        _complain(unforeseen(error), 1, places(error))


def _complain(message: Message, exit_code: int, where: Sequence[str] = ()) -> NoReturn:
    if as_json():
        said = {"error": translate(message, language()), "exit_code": exit_code}
        typer.echo(json.dumps(said | ({"places": where} if where else {}), ensure_ascii=False), err=True)
    else:
        typer.echo(translate(Message("Error: {message}", {"message": message}), language()), err=True)
        typer.echo("".join(f"{place}\n" for place in where), err=True, nl=False)
    sys.exit(exit_code)
