"""`kvcore "a prompt"`, or `python -m kvcore`; the commands fetch, bench, numerics, snapshot."""

from __future__ import annotations

import argparse
import sys

from kvcore.checkpoint.embedded import TINY
from kvcore.checkpoint.fetch import NAMES
from kvcore.commands.called import called
from kvcore.commands.fetch import fetch_with_progress
from kvcore.commands.measure import bench_command, numerics_command
from kvcore.commands.snapshot import snapshot_command
from kvcore.commands.write_on import write_on


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        if args[:1] == ["fetch"]:
            parser = argparse.ArgumentParser(
                prog=f"{called()} fetch", description="Get a model's weights, once."
            )
            parser.add_argument("model", choices=NAMES)
            fetch_with_progress(parser.parse_args(args[1:]).model)
        elif args[:1] == ["bench"]:
            bench_command(args[1:])
        elif args[:1] == ["numerics"]:
            numerics_command(args[1:])
        elif args[:1] == ["snapshot"]:
            snapshot_command(args[1:])
        else:
            parser = argparse.ArgumentParser(
                prog=called(),
                description="Write on from a prompt, with and without a KV cache, and time both.",
                epilog="Other commands: fetch (a model's weights, once), bench, numerics, snapshot "
                "(of the site, in one file).",
            )
            parser.add_argument("prompt")
            parser.add_argument(
                "--model",
                default=TINY,
                help=f"{', '.join((TINY, *NAMES))} or a folder; {TINY} by default",
            )
            parser.add_argument("--tokens", type=int, default=24, help="how many to write")
            options = parser.parse_args(args)
            write_on(options.model, options.prompt, options.tokens)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
