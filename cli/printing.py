"""How results are said: language, JSON or words, with or without a progress bar."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import typer

from geo.errors import Message
from maps.text import translate

if TYPE_CHECKING:
    from workflow import RunResult
    from workflow.steps import Tell


class Result(Protocol):
    """What the commands return that say messages."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """What to tell the user."""

    @property
    def refused(self) -> bool:
        """Whether data were rejected."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""


@dataclass(frozen=True)
class Printer:
    """Says results on stdout, and how far a command is on stderr."""

    lang: str
    as_json: bool = False
    quiet: bool = False

    def say(self, message: Message) -> None:
        """Print one message."""
        typer.echo(translate(message, self.lang))

    def result(self, result: Result) -> None:
        """Print the messages of a result and leave with code 3 if data were rejected."""
        if self.as_json:
            self._json(result.as_dict() | {"messages": [translate(message, self.lang) for message in result.messages]})
        else:
            for message in result.messages:
                self.say(message)
        if result.refused:
            raise typer.Exit(3)

    def run(self, result: "RunResult") -> None:
        """Print the two top tens, what could not be placed, and where the files lie."""
        if self.as_json:
            self._json(result.as_dict())
            return
        for message in result.notices():
            self.say(message)
        for title, rows in result.top(self.lang):
            typer.echo("")
            self.say(title)
            for rank, name, score, reason in rows:
                typer.echo(f"{rank:>3}. {name} – {score}\n     {reason}")
        typer.echo("")
        self.say(Message("Files: {folder}", {"folder": str(result.folder)}))
        for file in result.files:
            typer.echo(f"  {result.folder / file}")

    @contextmanager
    def progress(self) -> "Iterator[Tell]":
        """Give a function that is told each step; a bar on stderr if that is a terminal."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda *_: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("")

            def tell(message: Message, done: int, total: int) -> None:
                bar.update(task, description=translate(message, self.lang), completed=done, total=total)

            yield tell

    @staticmethod
    def _json(values: dict[str, Any]) -> None:
        typer.echo(json.dumps(values, ensure_ascii=False, indent=1))
