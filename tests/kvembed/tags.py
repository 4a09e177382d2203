"""HTML as a browser's parser sees it: which tags there are, and what their attributes say."""

from html.parser import HTMLParser


class Tags(HTMLParser):
    """Every start tag with its attributes, and the text between tags."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def names(self) -> list[str]:
        """The tags in order."""
        return [tag for tag, _ in self.found]

    def only(self, tag: str) -> dict[str, str]:
        """The attributes of the one tag of this name."""
        (attributes,) = [attributes for name, attributes in self.found if name == tag]
        return attributes
