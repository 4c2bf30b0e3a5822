"""The `diemnong` command: parse, call one function of workflow, print. No logic.

Each command is a file of its name in `cli.commands`, and listed there. What commands share: `cli.options`, what they
are asked with; `cli.printing`, how they answer.
"""

import json
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli.commands import COMMANDS
from cli.options import as_json, language
from geo.errors import DiemnongError, Message
from maps.text import translate


class Commands(TyperGroup):
    """Commands of one word or two: `add covariate` is a command beside `add`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command, its name and what it is given."""
        two = " ".join(args[:2])
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
    """Run the command; an error that the program can explain is printed without a traceback."""
    try:
        app()
    except DiemnongError as error:
        if as_json():
            said = {"error": translate(error.message, language()), "exit_code": error.exit_code}
            typer.echo(json.dumps(said, ensure_ascii=False), err=True)
        else:
            message = Message("Error: {message}", {"message": error.message})
            typer.echo(translate(message, language()), err=True)
        sys.exit(error.exit_code)
