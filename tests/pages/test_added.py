"""A language and a page are added in a copy of the project, and everything carries them.

The new files of the page lie in tests/pages/added/, a folder as they would lie in the project; the
language is English in brackets. What is touched besides is here, and no more than CONTRIBUTING.md
says.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kvembed.contract import PAGES
from kvembed.languages import DEFAULT, LANGUAGES

ROOT = Path(__file__).parents[2]
ADDED = Path(__file__).parent / "added"
PROSE = sorted(path.stem for path in (ROOT / "assets" / "text" / DEFAULT).glob("*.md"))
LEFT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", "_build", "build", "*.egg-info", ".*_cache"
)
CHECKS = "carried.py"

NEW_LANGUAGE = {
    "kvembed/languages/eo.py",
    "ui/locale/eo/LC_MESSAGES/site.po",
    *(f"assets/text/eo/{page}.md" for page in PROSE),
}
EDITED_FOR_A_LANGUAGE = {"kvembed/languages/__init__.py"}

NEW_PAGE = {
    "pages/pulse.py",
    "ui/figures/pulse.py",
    *(f"kvfront/figures/pulse/{name}" for name in ("live.js", "live.css", "still.js")),
    *(f"assets/text/{lang}/pulse.md" for lang in ("en", "eo", "zh")),
}
EDITED_FOR_A_PAGE = {
    "kvembed/contract.py",
    *(f"kvembed/languages/{lang}.py" for lang in LANGUAGES),  # its title
    "ui/figures/registry.py",
    "ui/views/blocks.py",
    "ui/views/pages.py",
    *(f"ui/locale/{lang}/LC_MESSAGES/site.po" for lang in LANGUAGES if lang != DEFAULT),
}

ENTRY = """\
    Page(
        name="pulse",
        row=N_("The pulse"),
        figure="pulse",
        block=blocks.of_pulse,
        parts=("prompt", "model", "layer", "head", "lang"),
        point=None,
        before=("lead",),
        after=_always("reading"),
        timed=False,
    ),
)
BY_NAME"""
BLOCK = """

def of_pulse(of: ResolvedView) -> bytes:
    run = runs.arrival(of.decoder, of.ids)
    attention = kvcore.look(run, of.layer, queries="all")
    record = of_head(run, attention, of.decoder.tokenizer, layer=of.layer, head=of.head)
    return pulse.pulse_block(record, layer=of.layer, head=of.head, text=pulse.words(of.lang))
"""
CONTRACT = """\
    "pulse": Page(
        path="pulse",
        title=_said("titles", "pulse"),
        room="900px",
    ),
}

# What a view is"""

FILL = """\
import sys
from babel.messages.pofile import read_po, write_po
lang, path = sys.argv[1:]
with open(path, "rb") as file:
    catalogue = read_po(file, locale=lang)
for message in catalogue:
    if message.id and not any(message.string if message.pluralizable else [message.string]):
        ids = message.id if message.pluralizable else (message.id,)
        begin = "字" if lang == "zh" else ""
        said = tuple(f"[{begin}{text}]" for text in ids)
        forms = (said + said[-1:] * catalogue.num_plurals)[: catalogue.num_plurals]
        message.string = forms if message.pluralizable else said[0]
with open(path, "wb") as file:
    write_po(file, catalogue)
"""


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{path} has {before!r} {text.count(before)} times"
    path.write_text(text.replace(before, after), encoding="utf-8")


def add_language(root: Path) -> None:
    """Esperanto: every word is the English one in brackets."""
    languages = root / "kvembed" / "languages"
    words = (languages / "en.py").read_text(encoding="utf-8")
    head = '    tag="en",\n    name="English",\n    locale="en_GB",\n'
    assert head in words
    mine = '    tag="eo",\n    name="Esperanto",\n    locale="eo_EO",\n'
    (languages / "eo.py").write_text(bracketed(words.replace(head, mine)), encoding="utf-8")
    edit(languages / "__init__.py", "import en, zh\n", "import en, eo, zh\n")
    edit(languages / "__init__.py", "in (en, zh)}", "in (en, zh, eo)}")
    shutil.copytree(root / "assets" / "text" / "en", root / "assets" / "text" / "eo")


def bracketed(source: str) -> str:
    """The titles and what the element says in brackets; they are on lines of their own."""
    in_titles = re.search(r"titles=\{.*?\},", source, re.DOTALL)
    assert in_titles
    said = re.sub(r': "(.*)",$', r': "[\1]",', in_titles[0], flags=re.MULTILINE)
    source = source.replace(in_titles[0], said)
    for name in ("poster", "layer", "open"):
        source, n = re.subn(rf'(\b{name}"?[=:] ?)"(.*)",$', r'\1"[\2]",', source, flags=re.M)
        assert n == 1, name
    return source


def add_page(root: Path) -> None:
    shutil.copytree(ADDED, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(CHECKS, "__*"))
    for lang in ("eo", "zh"):
        text = root / "assets" / "text"
        shutil.copy(text / "en" / "pulse.md", text / lang / "pulse.md")
    for lang in ("en", "eo", "zh"):
        title = "[The pulse of a token]" if lang == "eo" else "The pulse of a token"
        file = root / "kvembed" / "languages" / f"{lang}.py"
        edit(file, "    },\n    abouts={", f'        "pulse": "{title}",\n    }},\n    abouts={{')
    edit(root / "kvembed" / "contract.py", "}\n\n# What a view is", CONTRACT)
    registry = root / "ui" / "figures" / "registry.py"
    edit(
        registry,
        "import cache_view, growth, matrix, race",
        "import cache_view, growth, matrix, pulse, race",
    )
    edit(
        registry, "(cache_view, matrix, growth, race)", "(cache_view, matrix, growth, race, pulse)"
    )
    edit(root / "ui" / "views" / "pages.py", ")\nBY_NAME", ENTRY)
    blocks = root / "ui" / "views" / "blocks.py"
    edit(blocks, "from ui.figures.matrix", "from ui.figures import pulse\nfrom ui.figures.matrix")
    edit(
        blocks,
        "from ui.views.resolved",
        "from ui.views.record import of_head\nfrom ui.views.resolved",
    )
    blocks.write_text(blocks.read_text(encoding="utf-8") + BLOCK, encoding="utf-8")


def translate(root: Path) -> None:
    """`make messages`, which makes the catalogues, and a word for everything that has none."""
    messages = [sys.executable, "-m", "ui.language.catalogue"]
    subprocess.run(messages, cwd=root, capture_output=True, check=False, timeout=120)
    for lang in ("eo", "zh"):
        file = root / "ui" / "locale" / lang / "LC_MESSAGES" / "site.po"
        fill = [sys.executable, "-c", FILL, lang, str(file)]
        subprocess.run(fill, cwd=root, check=True, timeout=60)
    subprocess.run(messages, cwd=root, capture_output=True, check=True, timeout=120)


def files(root: Path) -> dict[str, bytes]:
    kept = (each for each in root.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    return {each.relative_to(root).as_posix(): each.read_bytes() for each in kept}


def contributing() -> str:
    """A pattern of the paths that CONTRIBUTING.md names: NAME is a page or figure, CODE a language.

    A path with a slash at its end stands for what lies in it.
    """
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (added,) = re.findall(r"^\*\*A figure\.\*\*.*?(?=^## )", told, re.MULTILINE | re.DOTALL)
    paths = [re.escape(path) for path in re.findall(r"`([\w./-]+/[\w./-]*)`", added)]
    ends = "|".join(f"{path}[^/]+" if path.endswith("/") else path for path in paths)
    return ends.replace("NAME", "pulse").replace("CODE", "(?:en|eo|zh)")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("added") / "project"
    shutil.copytree(ROOT, root, ignore=LEFT)
    return root


@pytest.mark.long
def test_a_language_and_a_page_are_added_by_the_files_that_contributing_names(copy: Path) -> None:
    before = files(copy)
    add_language(copy)
    add_page(copy)
    translate(copy)
    after = files(copy)
    assert before.keys() <= after.keys()
    assert after.keys() - before.keys() == NEW_LANGUAGE | NEW_PAGE
    changed = {name for name in before if before[name] != after[name]}
    assert changed == EDITED_FOR_A_LANGUAGE | EDITED_FOR_A_PAGE
    touched = changed | NEW_LANGUAGE | NEW_PAGE
    assert not [name for name in sorted(touched) if not re.fullmatch(contributing(), name)]


@pytest.mark.long
@pytest.mark.parametrize(
    "tests",
    [
        [f"tests/pages/added/{CHECKS}"],
        [
            "tests/test_imports.py",
            "tests/ui/language/test_catalogue.py",
            "tests/ui/views/test_views.py",
        ],
        [
            "tests/kvembed/test_contract.py",
            "tests/ui/visit/test_share.py",
            "tests/pages/test_embed.py",
        ],
    ],
    ids=["carried", "rules", "share"],
)
def test_everything_carries_what_was_added(copy: Path, tests: list[str]) -> None:
    """In a process of its own, which knows the copy and nothing of this one."""
    assert "pulse" not in PAGES
    assert (copy / "pages" / "pulse.py").is_file()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    ran = subprocess.run(
        command, cwd=copy, capture_output=True, text=True, timeout=500, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
