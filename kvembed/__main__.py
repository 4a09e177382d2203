"""`python -m kvembed snippet why-not-q --prompt "The whale" --format sphinx`: what to paste."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from kvembed.contract import PAGES, PARAMETERS, PLACEMENT
from kvembed.placement import embedding
from kvembed.snippet import FORMATS, snippet


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a snippet; exit status 2, with a sentence, for what the contract refuses."""
    parser = argparse.ArgumentParser(prog="kvembed", description="Embed a live view.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("snippet", help="print what an author pastes into a page")
    command.add_argument("page", metavar="PAGE", help=", ".join(PAGES))
    command.add_argument("--format", choices=FORMATS, default="element", help="the host")
    command.add_argument(
        "--server", default="http://localhost:8501", metavar="URL", help="the site (%(default)s)"
    )
    for parameter in (*PARAMETERS, *PLACEMENT):
        command.add_argument(f"--{parameter.name}", help=parameter.about["en"])
    given = vars(parser.parse_args(arguments))
    names = [parameter.name for parameter in (*PARAMETERS, *PLACEMENT)]
    options = {name: given[name] for name in names if given[name] is not None}
    try:
        view, placement = embedding(given["page"], options)
        text = snippet(view, given["format"], given["server"], placement)
    except ValueError as error:
        command.error(str(error))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
