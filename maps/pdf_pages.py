"""A PDF that is written, changed as a whole: pages over a common ground, and a list of its pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, NameObject, StreamObject


@contextmanager
def changed(path: Path) -> Iterator[PdfWriter]:
    """Give the document in a file; on leaving it is written again."""
    writer = PdfWriter(clone_from=PdfReader(path))
    yield writer
    with path.open("wb") as stream:
        writer.write(stream)


def lay_under(writer: PdfWriter) -> None:
    """Take the first page away and lay its content under all others, stored once.

    The pages must share their fonts with it, as those do that `maps.sheet.save_pdf` writes.
    """
    ground, *pages = writer.pages
    content = cast(StreamObject, ground["/Contents"].get_object())
    laid = DecodedStreamObject()
    # Whatever the ground sets, the pages begin as if nothing had been drawn.
    laid.set_data(b"q\n" + content.get_data() + b"\nQ\n")
    shared = writer._add_object(laid.flate_encode())
    for page in pages:
        page[NameObject("/Contents")] = ArrayObject([shared, page.raw_get("/Contents")])
    writer.remove_page(0)


def bookmark(writer: PdfWriter, names: Sequence[str]) -> None:
    """List the pages beside the document."""
    for number, name in enumerate(names):
        writer.add_outline_item(title=name, page_number=number)
