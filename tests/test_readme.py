"""The README and the pages of docs/: their lines run and print what they say, their links lead."""

import contextlib
import fnmatch
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvcore.bench import table
from kvembed.contract import MAX_PROMPT_TOKENS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [README, *(ROOT / f"{name}.md" for name in ("CONTRIBUTING", "CHANGELOG"))]
PAGES += [*sorted((ROOT / "docs").glob("*.md")), ROOT / "kvembed" / "README.md"]
SAYS = "# prints "  # what the line above prints; … stands for anything
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")  # another site


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


RUN = [page for page in PAGES if blocks(page)]


def test_the_chapters_that_show_python_are_among_those_that_are_run() -> None:
    assert {page.stem for page in RUN} >= {
        *("README", "start", "library", "caches", "what-ifs", "models", "speed")
    }


@pytest.mark.usefixtures("smollm2_folder")
@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_examples_of_a_page_run_in_order_and_print_what_they_say(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some write files
    names: dict[str, object] = {}  # each page begins anew
    for block in blocks(page):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(block, str(page), "exec"), names)
        promised = [line.removeprefix(SAYS) for line in block.splitlines() if line.startswith(SAYS)]
        assert len(promised) == block.count("print("), f"a print without its {SAYS!r}:\n{block}"
        for line, pattern in zip(said.getvalue().splitlines(), promised, strict=True):
            assert fnmatch.fnmatchcase(line, _escaped(pattern)), f"{line!r} is not {pattern!r}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_chapter_that_are_there(page: Path) -> None:
    for target, chapter in _links(page):
        assert target.exists(), f"{name(page)} links to {target}, which is not there"
        if chapter:
            assert chapter in _anchors(target), f"{name(target)} has no chapter #{chapter}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=name)
def test_every_page_of_the_documentation_is_listed_and_the_readme_leads_to_it(page: Path) -> None:
    listed = (ROOT / "docs" / "index.md").read_text("utf-8").splitlines()
    assert page.stem in [*listed, "index"]
    assert page in _reached(README)


def test_the_readme_lists_every_folder_that_there_is() -> None:
    listing = README.read_text("utf-8").split("## Where things are\n", 1)[1].split("\n## ", 1)[0]
    listed = re.findall(r"^ {4}([\w.]+/?)  ", listing, re.MULTILINE)
    made = {"build", "screenshots"} | {
        path.name for path in ROOT.glob("*.egg-info")
    }  # see .gitignore
    there = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert sorted(listed) == sorted(["app.py", *(f"{folder}/" for folder in there - made)])


def test_the_readme_lists_every_room_of_the_engine_and_of_the_site() -> None:
    listing = README.read_text("utf-8").split("## Where things are\n", 1)[1].split("\n## ", 1)[0]
    entries = dict(
        re.findall(r"^ {4}(\w+)/ (.*?)(?=^ {4}\S|^\S|\Z)", listing, re.DOTALL | re.MULTILINE)
    )
    for folder in ("kvcore", "ui"):
        rooms = {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
        assert rooms <= set(re.findall(r"\w+", entries[folder]))


def test_every_name_that_the_glossary_explains_is_in_the_code() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    folders = ("kvcore", "kvembed", "kvfront", "ui", "pages")
    every = (each for name in folders for each in (ROOT / name).rglob("*"))
    files = [each for each in every if each.suffix in (".py", ".js", ".md")]
    code = "\n".join(each.read_text("utf-8") for each in files)
    words = set(re.findall(r"\w+", code)) | {each.relative_to(ROOT).as_posix() for each in files}
    assert set(re.findall(r"`([^`]+)`", glossary)) <= words


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_readme_names_every_dependency(file: str) -> None:
    chapter = README.read_text("utf-8").split("## What it depends on\n", 1)[1]
    words = re.findall(r"[\w.-]*\w", chapter)
    for line in (ROOT / file).read_text("utf-8").splitlines():
        if line[0] not in "#-":
            assert line.split("==")[0] in words, f"{line} is in {file}, and not in the README"


def test_where_the_limit_of_a_prompt_is_written_out_it_is_the_one_of_the_contract() -> None:
    links = (ROOT / "docs" / "links.md").read_text("utf-8")
    assert f"at most {MAX_PROMPT_TOKENS} tokens are read" in links
    assert f"over {MAX_PROMPT_TOKENS} tokens)" in links
    troubles = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    assert f"The model reads {MAX_PROMPT_TOKENS} tokens" in troubles
    assert table.SHORT == MAX_PROMPT_TOKENS


def _escaped(pattern: str) -> str:
    return re.sub(r"([\[*?])", r"[\1]", pattern).replace("…", "*")


def _links(page: Path) -> Iterator[tuple[Path, str]]:
    """The files of ours to which it links, each with the chapter or an empty string."""
    for link in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        if not ELSEWHERE.match(link):
            file, _, chapter = link.partition("#")
            yield (page.parent / file).resolve() if file else page, chapter


def _anchors(page: Path) -> set[str]:
    """The names of its chapters in links, as GitHub and MyST make them."""
    text = FENCED.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#{1,3} (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _reached(page: Path) -> set[Path]:
    """The page, and all pages to which links lead from it."""
    reached, left = {page}, [page]
    while left:
        found = {target for target, _ in _links(left.pop()) if target.suffix == ".md"} - reached
        reached |= found
        left += found
    return reached
