"""XML that anybody can have made, gone through piece by piece: no document type, so no entities of any kind."""

from collections.abc import Callable
from xml.parsers import expat

Element = Callable[[str, dict[str, str]], None]
"""What is told each element as it begins: its name without the prefix, and its attributes as they stand."""


class PlainXml:
    """A parser that holds nothing of what it has seen.

    Parameters
    ----------
    element
        Told each element as it begins.
    """

    def __init__(self, element: Element) -> None:
        def begun(name: str, attributes: dict[str, str]) -> None:
            element(name.rpartition(":")[2] if ":" in name else name, attributes)

        def declared(*_: object) -> None:
            raise ValueError("it declares a document type")

        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = begun
        self._parser.StartDoctypeDeclHandler = declared

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Go on with a piece.

        Raises
        ------
        ValueError
            If it is no XML, or declares a document type.
        """
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError:
            raise ValueError("it is damaged") from None
