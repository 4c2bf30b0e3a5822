"""A command line that cannot be read, in the reader's words: the library that reads it has them in English only."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import typer

from geo.errors import DiemnongError, Message

UsageError: Any = typer.BadParameter.__base__
"""What the library raises of a command line, of which the help that it prints instead is a kind."""


class UnknownCommandError(DiemnongError):
    """There is no such command."""

    exit_code = 2


def unknown(name: str, known: Iterable[str]) -> UnknownCommandError:
    """Return the error of a command that is not there, with those of like names."""
    alike = ", ".join(get_close_matches(name, known)) or "diemnong --help"
    return UnknownCommandError.of(Message("There is no command {name}; see: {alike}", {"name": name, "alike": alike}))


def is_help(error: Any) -> bool:
    """Return whether nothing was asked for, and the help is the answer."""
    return type(error).__name__ == "NoArgsIsHelpError"


def in_words(error: Any) -> Message:
    """Return what is wrong with a command line, and where its help is."""
    command = error.ctx.command_path if error.ctx else "diemnong"
    return Message("{what}; see: {command} --help", {"what": _what(error), "command": command})


def _what(error: Any) -> Message:
    """Return what is wrong; of a value, and of what is left over, the detail is the library's."""
    if option := getattr(error, "option_name", None):
        known = ", ".join(sorted(getattr(error, "possibilities", None) or ()))
        if type(error).__name__ != "NoSuchOption":
            return Message("{option} is not complete, or not used so", {"option": option})
        if known:
            return Message("There is no option {option}; meant may be: {known}", {"option": option, "known": known})
        return Message("There is no option {option}", {"option": option})
    detail = error.message.removeprefix("Value error, ").rstrip(".")
    if not isinstance(error, typer.BadParameter):
        return Message("{detail}; a name with spaces belongs between quotes", {"detail": detail})
    param: Any = error.param
    name = error.param_hint or param.get_error_hint()
    if type(error).__name__ == "MissingParameter":
        return Message("{name} is missing ({help})", {"name": name, "help": param.help or param.name})
    return Message("The value of {name} cannot be used: {detail}", {"name": name, "detail": detail})
