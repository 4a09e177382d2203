"""The setup that is said to be needed once is what the hosts take."""

from __future__ import annotations

import shlex
from pathlib import Path

import markdown
import pytest
import yaml

from kvembed.__main__ import main
from kvembed.prepare import preparation
from kvembed.snippet import FORMATS, snippet
from kvembed.view import View

SERVER = "https://kv.example.org"
README = Path(__file__).parents[2] / "kvembed" / "README.md"


def after(format: str, heading: str) -> str:
    """The lines of a configuration file."""
    return preparation(format, SERVER).split(f"{heading}\n", 1)[1]


def test_sphinx_is_given_the_names_that_it_knows() -> None:
    config: dict[str, object] = {}
    exec(compile(after("sphinx", "# conf.py"), "conf.py", "exec"), config)
    assert config["extensions"] == ["kvembed.sphinx"]
    assert config["kvembed_server"] == SERVER


def test_markdown_takes_the_configuration_and_then_the_line() -> None:
    (configured,) = yaml.safe_load(after("markdown", "# mkdocs.yml"))["markdown_extensions"]
    module = "kvembed.markdown"  # the entry point kvembed of the installed package
    made = markdown.markdown(
        snippet(View("why-not-q", layer=1), "markdown", SERVER),
        extensions=[module],
        extension_configs={module: configured["kvembed"]},
    )
    assert f'src="{SERVER}"' in made
    assert 'layer="1"' in made


@pytest.mark.parametrize("format", ["myst", "quarto"])
def test_the_command_puts_the_files_where_the_host_is_told_to_look(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = preparation(format, SERVER).splitlines()
    command = next(line for line in lines if line.startswith("kvembed "))
    assert main(shlex.split(command)[1:]) == 0
    if format == "myst":
        (plugin,) = yaml.safe_load(after(format, "# myst.yml"))["project"]["plugins"]
        assert (tmp_path / plugin).is_file()
    assert any(SERVER in path.read_text() for path in tmp_path.rglob("contract.*"))


def test_only_a_snippet_that_names_the_server_or_its_script_needs_nothing() -> None:
    view = View("home", prompt="月光")
    free = [name for name in FORMATS if not preparation(name, SERVER)]
    assert set(free) == {"element", "iframe"}
    assert all(SERVER in snippet(view, name, SERVER) for name in free)


def test_the_readme_says_the_same() -> None:
    told = {line.strip() for line in README.read_text(encoding="utf-8").splitlines()}
    for format in ("sphinx", "markdown"):
        lines = preparation(format, SERVER).replace(f'server: "{SERVER}"', f"server: {SERVER}")
        assert {line.strip() for line in lines.splitlines()} <= told | {""}


@pytest.mark.parametrize(("format", "server"), [("docx", SERVER), ("sphinx", "kv.example.org")])
def test_a_host_or_a_server_that_there_is_not_is_refused(format: str, server: str) -> None:
    with pytest.raises(ValueError, match=r"docx|kv\.example\.org"):
        preparation(format, server)
