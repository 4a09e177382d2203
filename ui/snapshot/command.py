"""The command `python -m kvcore snapshot`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import kvcore
from kvcore.checkpoint.embedded import TINY
from kvembed.contract import PAGES, PARAMETERS
from kvembed.languages import DEFAULT
from kvembed.view import View
from ui.snapshot.make import snapshot
from ui.views.filenames import file_name


def main(args: Sequence[str]) -> None:
    """Record a view, write the file, and print its name and size.

    ValueError and OSError as `kvcore.load` and `snapshot` raise them, and for an empty prompt.
    """
    parser = argparse.ArgumentParser(
        prog="python -m kvcore snapshot",
        description="Record a view of the site in one HTML file that needs no server.",
    )
    parser.add_argument("page", help=", ".join(PAGES))
    for parameter in PARAMETERS:
        parser.add_argument(f"--{parameter.name}", help=parameter.about[DEFAULT].replace("%", "%%"))
    parser.add_argument("--server", default="", help="The address of a site where it is live.")
    parser.add_argument("-o", "--output", type=Path, help="The file to write.")
    options = parser.parse_args(args)
    texts = {each.name: getattr(options, each.name) for each in PARAMETERS}
    if texts["prompt"] == "":
        raise ValueError("the prompt is empty: give at least one word, or leave --prompt out")
    decoder = kvcore.load(texts["model"] or TINY)
    if texts["model"]:
        texts["model"] = decoder.name  # a folder goes by its name
    view = View.read(options.page, {name: text for name, text in texts.items() if text is not None})
    document = snapshot(view, options.server, decoder).encode()
    path = options.output or Path(file_name(view, "html"))
    path.write_bytes(document)
    print(f"{path}: {len(document) / 1000:.0f} KB")
