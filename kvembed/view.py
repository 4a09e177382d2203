"""One exact view: a page of the site and the state that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from kvembed.contract import KEYS, PAGES, PARAMETERS
from kvembed.languages import DEFAULT
from kvembed.values import check, check_page, read, server_url, written


@dataclass(frozen=True)
class View:
    """A page of the site in one state. What is left out is the page's own default.

    Raises ValueError, naming the value and what is allowed, for what the contract refuses.
    """

    page: str
    prompt: str = ""
    model: str = ""
    layer: int | None = None
    head: int | None = None
    step: int | None = None
    view: str | None = None
    lang: str | None = None
    lock: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_page(self.page)
        for name, value in self._given():
            check(name, value)

    @classmethod
    def read(cls, page: str, texts: Mapping[str, str]) -> View:
        """A view from its parameters as text, as in an address or a directive.

        Raises ValueError for a parameter that an address does not have, too.
        """
        names = [parameter.name for parameter in PARAMETERS]
        for name in texts:
            if name not in names:
                raise ValueError(f"{name!r} is not a parameter: there are {', '.join(names)}")
        values: dict[str, Any] = {name: read(name, text) for name, text in texts.items()}
        return cls(page, **values)

    @classmethod
    def from_url(cls, url: str, server: str) -> View:
        """The view that an address of `server` shows, whatever else the address may say.

        Raises ValueError for an address that is not one of a page that can be embedded.
        """
        server = server_url(server)
        if url != server and not url.startswith((f"{server}/", f"{server}?")):
            raise ValueError(f"url={url!r} is not an address of {server}")
        parts = urlsplit(url.removeprefix(server))
        path = parts.path.strip("/")
        names = {page.path: name for name, page in PAGES.items()}
        if path not in names:
            raise ValueError(f"url={url!r} has the path {path!r}, which is not one of a page")
        known = {parameter.name for parameter in PARAMETERS}
        pairs = parse_qsl(parts.query, keep_blank_values=False)
        return cls.read(names[path], {name: text for name, text in pairs if name in known})

    def query(self) -> dict[str, str]:
        """The parameters of the address, in the order of the contract, without what is left out."""
        return {name: written(value) for name, value in self._given()}

    def url(self, server: str, *, embed: bool = False) -> str:
        """The address that shows this view; with `embed`, its figure and controls alone."""
        pairs = self.query() | ({"embed": "true"} if embed else {})
        return _address(server, PAGES[self.page].path, pairs)

    def resource(self, server: str, name: str) -> str:
        """The address of something that the site makes of this view, such as `poster.svg`."""
        return _address(server, name, {"page": self.page, **self.query()})

    def title(self) -> str:
        """The title of the page, in the view's language, or in English where it has none."""
        return PAGES[self.page].title[self.lang or DEFAULT]

    def _given(self) -> list[tuple[str, Any]]:
        pairs = [(name, getattr(self, name)) for name in (*KEYS, "lock")]
        return [(name, value) for name, value in pairs if value not in (None, "", ())]


def _address(server: str, path: str, pairs: Mapping[str, str]) -> str:
    query = urlencode(pairs, quote_via=quote, safe="")
    return f"{server_url(server)}/{path}" + (f"?{query}" if query else "")
