"""The command of the plugin: what to paste, and the files of hosts that take no Python package.

python -m kvembed snippet why-not-q --prompt "The whale" --format sphinx
python -m kvembed install quarto --server https://kv.example.org
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kvembed.contract import LANGUAGES, PAGES, PARAMETERS, PLACEMENT
from kvembed.placement import embedding
from kvembed.snippet import FORMATS, snippet
from kvembed.table import table

_HERE: Final = "http://localhost:8501"
_NAMES: Final = [parameter.name for parameter in (*PARAMETERS, *PLACEMENT)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a snippet or the contract; exit status 2, with a sentence, for what is refused."""
    parser = argparse.ArgumentParser(prog="kvembed", description="Embed a live view.")
    commands = parser.add_subparsers(dest="command", required=True)
    contract = commands.add_parser("contract", help="print what a view and its placement can be")
    contract.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0])
    command = commands.add_parser("snippet", help="print what an author pastes into a page")
    command.add_argument("page", metavar="PAGE", help=", ".join(PAGES))
    command.add_argument("--format", choices=FORMATS, default="element", help="the host")
    command.add_argument(
        "--server", default="http://localhost:8501", metavar="URL", help="the site (%(default)s)"
    )
    for parameter in (*PARAMETERS, *PLACEMENT):
        command.add_argument(f"--{parameter.name}", help=parameter.about["en"])
    given = vars(parser.parse_args(arguments))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    try:
        print(table(given["lang"]) if given["command"] == "contract" else _snippet(given))
    except ValueError as error:
        command.error(str(error))
    return 0


def _snippet(given: Mapping[str, Any]) -> str:
    names = [parameter.name for parameter in (*PARAMETERS, *PLACEMENT)]
    options = {name: given[name] for name in names if given[name] is not None}
    view, placement = embedding(given["page"], options)
    return snippet(view, given["format"], given["server"], placement)


if __name__ == "__main__":
    sys.exit(main())
