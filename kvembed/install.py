"""The plugins of hosts that take files and no Python package: MyST and Quarto.

What they know of the contract is written beside them when they are installed, so it is said once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Any, Final

from kvembed.contract import PAGES, PARAMETERS, PLACEMENT, VERSION, Parameter
from kvembed.html import FRAME_HEIGHT
from kvembed.languages import DEFAULT, LANGUAGES
from kvembed.poster import bundled, bundled_name
from kvembed.script import element_script
from kvembed.values import LEAST_HEIGHT, server_url

# Where each host looks for an extension, below the folder of the author's project.
FOLDERS: Final[Mapping[str, str]] = {"myst": "kv-cache", "quarto": "_extensions/kv-cache"}


def install(host: str, folder: Path, server: str) -> list[Path]:
    """Write the plugin of `host` into the author's project at `folder`; return the files.

    `server` is the address of the site that serves the views. Raises ValueError for a host that
    there is not and for a `server` that is no address.
    """
    if host not in FOLDERS:
        raise ValueError(f"host={host!r} is not one of {', '.join(FOLDERS)}")
    written = []
    for name, content in _files(host, server_url(server)):
        path = folder / FOLDERS[host] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def contract(server: str) -> dict[str, Any]:
    """The plugins' contract: pages, parameters with their bounds, and the words that they say."""
    return {
        "version": VERSION,
        "server": server,
        "pages": {name: _page(name) for name in PAGES},
        "names": list(PAGES),
        "parameters": [parameter.name for parameter in (*PARAMETERS, *PLACEMENT)],
        "address": [_told(parameter) for parameter in PARAMETERS],
        "placement": [_told(parameter) for parameter in PLACEMENT],
        "open": {code: language.open for code, language in LANGUAGES.items()},
        "frame_height": FRAME_HEIGHT,
    }


def _page(name: str) -> dict[str, Any]:
    pictures = {lang: f"posters/{bundled_name(name, lang)}" for lang in LANGUAGES}
    return asdict(PAGES[name]) | {"picture": pictures}


def _told(parameter: Parameter) -> dict[str, Any]:
    told = asdict(parameter) | {"about": parameter.about[DEFAULT]}
    return told | {"least": LEAST_HEIGHT if parameter.kind == "height" else 0}


def _files(host: str, server: str) -> Iterator[tuple[str, bytes]]:
    package = resources.files("kvembed")
    for file in package.joinpath("hosts", host).iterdir():
        yield file.name, file.read_bytes()
    text = json.dumps(contract(server), ensure_ascii=False, indent=2)
    if host == "myst":
        yield "contract.mjs", f"export default {text}\n".encode()
    else:
        yield "contract.json", f"{text}\n".encode()
        yield "embed.js", element_script()  # a snapshot brings it along
    for name, lang in product(PAGES, LANGUAGES):
        picture = bundled(name, lang)
        if picture:
            yield _page(name)["picture"][lang], picture
