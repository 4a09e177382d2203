"""Modules and sheets in one file: they do what they did, and unknown forms are refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ui.bundle import script, sheet

FRONTEND = Path(__file__).parents[2] / "ui" / "snapshot" / "frontend"
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs node")


def ran(folder: Path, source: str) -> str:
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", source],
        capture_output=True,
        check=True,
        text=True,
        cwd=folder,
        timeout=30,
    )
    return answer.stdout


def modules(folder: Path, **sources: str) -> Path:
    for name, source in sources.items():
        (folder / f"{name}.js").write_text(source, encoding="utf-8")
    return folder / "entry.js"


@needs_node
def test_every_form_of_our_modules_does_the_same_in_the_bundle(tmp_path: Path) -> None:
    entry = modules(
        tmp_path,
        deep="let calls = 0;\nexport const count = () => (calls += 1);\nexport class Box {}\n",
        left='import { count } from "./deep.js";\ncount();\n'
        "export default function left() {\n  return count();\n}\n",
        right='import {\n  count as n,\n  Box,\n} from "./deep.js";\nconst count = n;\n'
        "export async function right() {\n  return [count(), Box.name];\n}\n",
        entry='import left from "./left.js";\nimport * as all from "./right.js";\n'
        "all.right().then((right) => console.log(JSON.stringify([left(), right])));\n",
    )
    assert ran(tmp_path, script(entry)) == ran(tmp_path, entry.read_text())
    assert json.loads(ran(tmp_path, script(entry))) == [3, [2, "Box"]]


@pytest.mark.parametrize(
    "line",
    [
        'import "./deep.js";',
        'import x, { y } from "./deep.js";',
        'import { x } from "https://a.example/x.js";',
        "export default function () {}",
        "export let x = 1;",
        "export { x };",
        'export * from "./deep.js";',
        'const x = import("./deep.js");',
    ],
)
def test_a_form_that_is_not_known_is_refused_by_file_and_line(tmp_path: Path, line: str) -> None:
    entry = modules(tmp_path, deep="", entry=f"{line}\n")
    with pytest.raises(ValueError, match=r"entry\.js has .*does not know"):
        script(entry)


def test_modules_in_a_circle_are_refused_by_name(tmp_path: Path) -> None:
    there, back = 'import { b } from "./deep.js";\n', 'import { a } from "./entry.js";\n'
    with pytest.raises(ValueError, match=r"entry\.js -> deep\.js -> entry\.js"):
        script(modules(tmp_path, entry=there, deep=back))


def test_a_sheet_that_two_import_is_there_once_and_first(tmp_path: Path) -> None:
    for name, text in {
        "base": "a { color: red }\n",
        "one": '@import url("./base.css");\nb { color: red }\n',
        "two": '@import url("./base.css");\nc { color: red }\n',
    }.items():
        (tmp_path / f"{name}.css").write_text(text)
    lines = sheet(tmp_path / "one.css", tmp_path / "two.css").splitlines()
    assert [line[0] for line in lines] == ["a", "b", "c"]


def test_a_sheet_that_asks_for_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.css").write_text("a { background: url(x.png) }")
    with pytest.raises(ValueError, match=r"one\.css asks for a file"):
        sheet(tmp_path / "one.css")
