"""The library section of the README runs as it is written."""

import contextlib
import io
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run_in_order_and_say_what_the_text_says(smollm2_folder: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL))
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, str(README), "exec"), {})
    shape, session, equal = said.getvalue().splitlines()
    assert shape.startswith("(9, 1, 5) ")
    assert session == "5 1 1"
    same, gap = equal.split()
    assert same == "True"
    assert float(gap) <= 2e-4
