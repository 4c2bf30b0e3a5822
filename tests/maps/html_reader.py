"""What a page holds, read by the standard library's parser."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The elements, the texts of tables by row, and all texts of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.rows, self.texts = [], [], [], []
        self._cell = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self._cell = ""

    def handle_data(self, data):
        self.texts.append(data)
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self._cell)
            self._cell = None

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())
