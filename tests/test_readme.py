"""The library section of the README runs as it is written, and prints what it says it prints."""

import contextlib
import fnmatch
import io
import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
SAYS = "# prints "  # what the line above prints; … stands for anything


@pytest.mark.usefixtures("smollm2_folder")
def test_the_examples_run_in_order_and_print_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    names: dict[str, object] = {}
    for block in BLOCKS:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(block, str(README), "exec"), names)
        promised = [line.removeprefix(SAYS) for line in block.splitlines() if line.startswith(SAYS)]
        assert len(promised) == block.count("print("), f"a print without its {SAYS!r}:\n{block}"
        for line, pattern in zip(said.getvalue().splitlines(), promised, strict=True):
            assert fnmatch.fnmatchcase(line, _escaped(pattern)), f"{line!r} is not {pattern!r}"


def _escaped(pattern: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", pattern).replace("…", "*")
