"""What is said and kept of a file besides its rows: names of files, sheets and headings may name a person too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from geo.errors import CrsError, IntakeError, Message, SchemaError
from geo.intake.persons import REMOVED, Persons
from geo.intake.reading import RawTable


def masked_table(raw: RawTable, known: Persons) -> RawTable:
    """Return a file's table whose names of file, sheets and headings name no person; its cells are as they were."""
    return replace(
        raw,
        path=raw.path.with_name(known.masked_file(raw.path.name)),
        sheets=tuple(_masked_sheet(number, name, known) for number, name in enumerate(raw.sheets, start=1)),
        # A heading that goes is said in our word, by which a fix list is read too.
        named={ours: ours if known.in_text(theirs) else theirs for ours, theirs in raw.named.items()},
        dropped=tuple(dict.fromkeys(map(known.masked, raw.dropped))),
        personal=tuple(dict.fromkeys(map(known.masked, raw.personal))),
        notes=tuple(masked_message(note, known) for note in raw.notes),
        sources=tuple(tuple(map(known.masked, headings)) for headings in raw.sources),
    )


def masked_message(message: Message, known: Persons) -> Message:
    """Return a message whose values name no person."""
    template = message.template
    return Message(template, _masked_values(message.values, known))


@contextmanager
def masked_errors(known: Persons) -> Iterator[None]:
    """Let what is wrong with a file be said without the person that its name, a sheet or a heading may name.

    Raises
    ------
    IntakeError, SchemaError, CrsError
        As raised within, with other values.
    """
    try:
        yield
    except (IntakeError, SchemaError, CrsError) as error:
        template = error.message.template
        raise type(error)(template, **_masked_values(error.message.values, known)) from None


def _masked_values(values: Mapping[str, object], known: Persons) -> dict[str, object]:
    return {name: _masked_value(name, value, known) for name, value in values.items()}


def _masked_value(name: str, value: object, known: Persons) -> object:
    match value:
        case Message():
            return masked_message(value, known)
        case str() if name == "file":
            return known.masked_file(value)
        case str():
            return ", ".join(map(known.masked, value.split(", ")))
        case _:
            return value


def _masked_sheet(number: int, name: str, known: Persons) -> str:
    return f"{REMOVED} {number}" if known.in_text(name) else name
