"""The command of the plugin: what to paste, what can be said in it, and files for some hosts.

python -m kvembed snippet why-not-q --prompt "The whale" --format sphinx
python -m kvembed contract --lang zh
python -m kvembed install quarto --server https://kv.example.org
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from kvembed.contract import PAGES, PARAMETERS, PLACEMENT
from kvembed.install import FOLDERS, install
from kvembed.languages import DEFAULT, LANGUAGES
from kvembed.placement import embedding
from kvembed.snippet import FORMATS, snippet
from kvembed.table import table

LOCAL: Final = "http://localhost:8501"
_NAMES: Final = [parameter.name for parameter in (*PARAMETERS, *PLACEMENT)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; exit status 2, with a sentence, for what is refused."""
    ran = Path(sys.argv[0]).name == "__main__.py"  # by Python, and not by the installed script
    parser = argparse.ArgumentParser(
        prog="python -m kvembed" if ran else "kvembed", description="Embed a live view."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for add in (_add_snippet, _add_contract, _add_install):
        add(commands)
    given = vars(parser.parse_args(arguments))
    try:
        text = given["run"](given)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(text)
    return 0


def _add_snippet(commands: Any) -> None:
    command = commands.add_parser("snippet", help="print what an author pastes into a page")
    command.add_argument("page", metavar="PAGE", help=", ".join(PAGES))
    command.add_argument("--format", choices=FORMATS, default="element", help="the host")
    _add_server(command)
    for parameter in (*PARAMETERS, *PLACEMENT):
        command.add_argument(f"--{parameter.name}", help=parameter.about[DEFAULT])
    command.set_defaults(run=_snippet)


def _snippet(given: dict[str, Any]) -> str:
    options = {name: given[name] for name in _NAMES if given[name] is not None}
    view, placement = embedding(given["page"], options)
    return snippet(view, given["format"], _server(given), placement)


def _add_contract(commands: Any) -> None:
    command = commands.add_parser("contract", help="print what a view and its placement can be")
    command.add_argument("--lang", choices=list(LANGUAGES), default=DEFAULT)
    command.set_defaults(run=lambda given: table(given["lang"]))


def _add_install(commands: Any) -> None:
    command = commands.add_parser(
        "install", help="put the plugin of a host that takes files into a project"
    )
    command.add_argument("host", choices=FOLDERS)
    command.add_argument("folder", nargs="?", default=".", type=Path, help="the project, here: .")
    _add_server(command)
    command.set_defaults(run=_install)


def _install(given: dict[str, Any]) -> str:
    files = install(given["host"], given["folder"], _server(given))
    return "\n".join(str(file) for file in files)


def _add_server(command: argparse.ArgumentParser) -> None:
    command.add_argument("--server", metavar="URL", help=f"the site ({LOCAL})")


def _server(given: dict[str, Any]) -> str:
    """The site that was named; else the one of this machine, and that is said."""
    if given["server"] is None:
        print(
            f"kvembed: without --server this is for {LOCAL}, which no other machine reaches",
            file=sys.stderr,
        )
    return given["server"] or LOCAL


if __name__ == "__main__":
    sys.exit(main())
