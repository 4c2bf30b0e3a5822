"""One exception family, and messages that can be said in more than one language.

A message keeps its English template and its values apart, so that the command line can look the template up in
a catalogue. Values never hold the content of a person's row: files, columns, row numbers, counts and rules only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Message:
    """An English sentence with named places for values, for example ``Message("{n} rows", {"n": 3})``.

    >>> str(Message("{n} rows", {"n": 3}))
    '3 rows'
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.values)


def some_of(rows: Iterable[int | str], most: int = 10) -> str:
    """Return the first few row numbers as text.

    >>> some_of([3, 5, 8], most=2)
    '3, 5, …'
    """
    rows = list(rows)
    return ", ".join(map(str, rows[:most])) + (", …" if len(rows) > most else "")


class DiemnongError(Exception):
    """Anything that the program can explain: what was found, what was expected, and the mend.

    Parameters
    ----------
    template
        The English sentence, with ``{name}`` where a value goes. It is the key of the translation.
    values
        The values of those names.
    """

    exit_code = 1

    def __init__(self, template: str, **values: object) -> None:
        self.message = Message(template, values)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        return _made_again, (type(self), self.message)  # by what it was made of, not by its words

    @classmethod
    def of(cls, message: Message, **values: object) -> Self:
        """Return an error that says a message, some of its values replaced."""
        return cls(message.template, **{**message.values, **values})


def _made_again(kind: type[DiemnongError], message: Message) -> DiemnongError:
    return kind.of(message)


class IntakeError(DiemnongError):
    """A file that cannot be read as the table it is said to be."""

    exit_code = 3


class SchemaError(DiemnongError):
    """A table or a layer that breaks the rules of `geo.schema`, or a layer that fails its checks."""

    exit_code = 3


class CrsError(DiemnongError):
    """A coordinate reference system that is missing, unknown, or not the one that is needed."""

    exit_code = 3


class WorkspaceError(DiemnongError):
    """A workspace that is missing, damaged, in the way, or wrongly configured."""


class ModelError(DiemnongError):
    """A model or a surface that cannot be computed from what it was given."""


class PlanError(DiemnongError):
    """A plan whose demands cannot be met."""


class ClusterError(DiemnongError):
    """Workers that cannot be reached, were lost, or are not as this process is."""


class ReleaseError(DiemnongError):
    """An output that could not be written, or is in the way of another."""


class DisclosureError(ReleaseError):
    """A publication that would give somebody away."""

    exit_code = 4
