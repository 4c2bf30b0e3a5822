"""A document as one HTML file that runs no script and makes no request."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from geo.errors import Message
from maps.document import Beside, Bullets, Document, Table, Text, numeric, seen, shown
from maps.drawing import Drawing, to_svg
from maps.text import translate

_ASSETS = Path(__file__).parent / "assets"


def render_html(document: Document, *, size: float = 8.0) -> str:
    """Return a document as an HTML page; texts are escaped, and the same content gives the same text.

    Parameters
    ----------
    document
        The document.
    size
        Letters in print, in points, of a document of one page.
    """
    css = Markup((_ASSETS / "document.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)
    contents = translate(Message("Contents"), document.lang)
    return _environment().get_template("document.html").render(document=document, css=css, size=size, contents=contents)


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=FileSystemLoader(_ASSETS), finalize=_seen
    )
    environment.globals.update(shown=shown, sides=_sides, svg=_svg)
    kinds = {"text": Text, "bullets": Bullets, "table": Table, "beside": Beside}
    environment.tests.update({name: lambda part, kind=kind: isinstance(part, kind) for name, kind in kinds.items()})
    return environment


def _seen(value: object) -> object:
    return seen(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _sides(table: Table) -> list[Markup]:
    """Return the attribute that sets a column's cells flush right if they are numbers."""
    return [Markup(' class="number"') if right else Markup() for right in numeric(table)]


def _svg(drawing: Drawing) -> Markup:
    return Markup(seen(to_svg(drawing)))  # noqa: S704 (its texts are escaped)
