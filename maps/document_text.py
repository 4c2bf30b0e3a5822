"""A document as plain text, for mail and for readers who hear it."""

from collections.abc import Iterator

from maps.document import Beside, Bullets, Document, Table, Text, seen, shown


def render_text(document: Document) -> str:
    """Return a document as text: a table row by row, each cell after its heading; of drawings what they tell."""
    lines = [document.title, "=" * len(document.title), *document.banners, document.lead]
    for section in document.sections:
        lines += ["", section.title, "-" * len(section.title)]
        for part in section.parts:
            lines += _lines(part, document.lang)
    return "\n".join(seen(line) for line in lines) + "\n"


def _lines(part: object, lang: str) -> Iterator[str]:
    match part:
        case Text(words):
            yield words
        case Bullets(sentences):
            yield from (f"- {sentence}" for sentence in sentences)
        case Beside(drawing, table):
            yield from _lines(drawing, lang)
            yield from _lines(table, lang)
        case Table(_, columns, rows):
            for row in rows:
                cells = zip(columns, row, strict=True)
                yield "- " + "; ".join(f"{column.heading}: {shown(cell, column, lang)}" for column, cell in cells)
        case _:
            yield getattr(part, "told", "")
