"""The directive for Sphinx: every output, every mistake, and prompts that mean something to it."""

import zipfile
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pypandoc
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import example, given, settings

from tests.kvembed.prompts import NASTY, PROMPTS
from tests.kvembed.tags import Tags

pytest.importorskip("sphinx")
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.console import strip_escape_sequences
from sphinx.util.docutils import docutils_namespace, patch_docutils

from kvembed.placement import Placement
from kvembed.script import element_script
from kvembed.snippet import snippet
from kvembed.sphinx.node import kv_cache
from kvembed.view import View

VIEW = View("why-not-q", "床前 <b>", step=4)
CONF = """
project, author, copyright, version = "Lessons", "A teacher", "2026", "1"
extensions = ["kvembed.sphinx", "myst_parser"]
html_theme = "basic"
"""


class Project:
    """A documentation project in a folder, built by Sphinx itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warnings = StringIO()
        (folder / "conf.py").write_text(CONF)

    def write(self, **pages: str) -> None:
        """Write pages, by name and suffix: `index_rst`."""
        for name, text in pages.items():
            file = self.folder / ".".join(name.rsplit("_", 1))
            file.write_text(text, encoding="utf-8", newline="")

    def app(self, builder: str, server: str, parallel: int = 1) -> Sphinx:
        """Sphinx as `sphinx-build -b builder -D kvembed_server=server` starts it."""
        return Sphinx(
            self.folder,
            self.folder,
            self.folder / "built" / builder,
            self.folder / "built" / f"{builder}-trees",
            builder,
            confoverrides={"kvembed_server": server},
            status=None,
            warning=self.warnings,
            parallel=parallel,
        )

    def build(self, builder: str, server: str, parallel: int = 1) -> Path:
        """Build everything and return the folder it is in."""
        with patch_docutils(), docutils_namespace():
            app = self.app(builder, server, parallel)
            app.build(force_all=True)
        return Path(app.outdir)

    def said(self) -> list[str]:
        """The warnings so far, with paths from the project's folder."""
        said = strip_escape_sequences(self.warnings.getvalue())
        return said.replace(f"{self.folder}/", "").splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def page(*directives: str) -> str:
    return "\n\n".join(["Lesson\n======", *directives]) + "\n"


def test_html_has_the_element_its_script_and_the_picture_of_that_very_view(
    project: Project, still_site
) -> None:
    project.write(index_rst=page(snippet(VIEW, "sphinx", ""), ".. toctree::\n\n   other"))
    project.write(other_rst=page("Nothing to see."))
    folder = project.build("html", still_site.url)
    assert project.said() == []
    html = (folder / "index.html").read_text()
    tags = Tags(html)
    element = tags.only("kv-cache")
    assert element.pop("src") == still_site.url
    assert View.read(element.pop("page"), element) == VIEW
    image = tags.only("img")
    assert (folder / image["src"]).read_bytes() == still_site.answers["/poster.svg"][1]
    assert image["alt"] == "Why K and V, and not Q? “床前 <b>”"
    assert VIEW.url(still_site.url) in [attributes.get("href") for _, attributes in tags.found]
    assert html.count("kvembed/embed.js") == 1
    script = folder / "_static/kvembed/embed.js"
    assert script.read_bytes() == element_script()
    assert "embed.js" not in (folder / "other.html").read_text()


@pytest.mark.parametrize("builder", ["text", "man", "latex", "texinfo", "xml"])
def test_an_output_without_scripts_has_the_address(
    builder: str, project: Project, nobody: str
) -> None:
    project.write(index_rst=page(snippet(View("growth", "The whale"), "sphinx", "")))
    folder = project.build(builder, nobody)
    files = [
        file for file in folder.rglob("*") if file.suffix in (".txt", ".1", ".tex", ".xml", ".texi")
    ]
    text = "".join(file.read_text() for file in files)
    for escape in ("\\:", "\\%", "\\", "\n"):
        text = text.replace(escape, "")
    assert "Watch the cache grow" in text
    assert f"{nobody}/growth?prompt=The%20whale".replace("%", "") in text.replace("%", "")
    assert "<kv-cache" not in text


def test_latex_has_the_card_of_that_very_view(project: Project, still_site) -> None:
    project.write(index_rst=page(snippet(VIEW, "sphinx", "")))
    folder = project.build("latex", still_site.url)
    (picture,) = folder.glob("*.png")
    assert picture.read_bytes() == still_site.answers["/card.png"][1]
    text = (folder / "lessons.tex").read_text()
    assert picture.stem in text
    assert r"\sphinxurl{" in text
    assert project.said() == []


# What Sphinx's own style file makes of its commands, in LaTeX that pandoc knows.
SPHINX_STY = r"""
\newcommand{\sphinxhref}[2]{\href{#1}{#2}}
\newcommand{\sphinxurl}[1]{\url{#1}}
"""


def test_latex_can_be_read_whatever_the_prompt(project: Project, nobody: str) -> None:
    views = [View("growth", prompt) for prompt in NASTY]
    project.write(index_rst=page(*[snippet(view, "sphinx", "") for view in views]))
    written = (project.build("latex", nobody) / "lessons.tex").read_text()
    body = written[written.index(r"\begin{document}") :]
    read = pypandoc.convert_text(SPHINX_STY + body, "html", format="latex")
    tags = Tags(read)
    links = [found["href"] for tag, found in tags.found if tag == "a" and "href" in found]
    assert links == [view.url(nobody) for view in views]
    for prompt in (
        "\\",
        "&quot;",
        "%",
        "#",
        "{{",
        "$x$",
        "~",
        "^",
        "_",
        "<script>alert(1)</script>",
    ):
        assert f"“{prompt}”" in tags.text
    assert "script" not in tags.names()


def test_translators_find_the_text_alternative_and_it_is_shown_in_their_language(
    project: Project, nobody: str
) -> None:
    project.write(
        index_rst=page(".. kv-cache:: growth\n   :alt: Rows that stay", ".. kv-cache:: home")
    )
    found = project.build("gettext", nobody) / "index.pot"
    messages = [message.id for message in read_po(found.open("rb"))]
    assert messages == ["", "Lesson", "Rows that stay"]
    catalog = Catalog("zh_CN")
    catalog.add("Rows that stay", "留下的行")
    compiled = project.folder / "locale/zh_CN/LC_MESSAGES/index.mo"
    compiled.parent.mkdir(parents=True)
    with compiled.open("wb") as file:
        write_mo(file, catalog)
    with (project.folder / "conf.py").open("a") as conf:
        conf.write("language = 'zh_CN'\nlocale_dirs = ['locale']\n")
    tags = Tags((project.build("html", nobody) / "index.html").read_text())
    assert [found["alt"] for tag, found in tags.found if tag == "img"] == [
        "留下的行",
        "解码器记住了什么",
    ]


def test_the_theme_of_pydata_puts_the_picture_on_no_paper_of_its_own(
    project: Project, still_site
) -> None:
    """It asks for this class of what is right in the dark as it is."""
    project.write(index_rst=page(snippet(VIEW, "sphinx", "")))
    folder = project.build("html", still_site.url)
    assert "dark-light" in Tags((folder / "index.html").read_text()).only("img")["class"].split()


def test_an_epub_has_the_picture_and_no_script(project: Project, still_site) -> None:
    project.write(index_rst=page(snippet(VIEW, "sphinx", "")))
    folder = project.build("epub", still_site.url)
    with zipfile.ZipFile(folder / "Lessons.epub") as book:
        text = book.read("index.xhtml").decode()
        pictures = [name for name in book.namelist() if name.endswith(".svg")]
    assert len(pictures) == 1
    assert pictures[0] in text
    shown = "".join(Tags(text).text.split())
    assert shown.count(still_site.url) == 1, "an address for each link is an address twice"
    assert "kv-cache" not in text
    assert "embed.js" not in text


def test_what_is_wrong_is_a_warning_with_its_file_and_line_and_a_sentence_in_the_page(
    project: Project, nobody: str
) -> None:
    project.write(
        index_rst=page(".. kv-cache:: grow", ".. kv-cache:: growth\n   :promt: x"),
        more_rst=page(":orphan:", ".. kv-cache:: growth\n   :step: <b>\n   :head: 0"),
        myst_md="---\norphan: true\n---\n# My\n\n```{kv-cache} growth\n:lang: fr\n```\n",
    )
    folder = project.build("html", nobody)
    said = [line.removesuffix(" [kvembed]") for line in project.said()]
    assert [line for line in said if "kv-cache" in line] == [
        "index.rst:4: WARNING: kv-cache: page='grow' is not one of home, why-not-q, growth, timing",
        "index.rst:6: WARNING: kv-cache: 'promt' is not a parameter: there are lang, prompt, "
        "model, layer, head, step, view, lock, height, start, mode, alt",
        "more.rst:6: WARNING: kv-cache: step='<b>' is not a whole number from 0 to 9999",
        "myst.md:6: WARNING: kv-cache: lang='fr' is not one of en, zh",
    ]
    tags = Tags((folder / "more.html").read_text())
    assert "is not a whole number from 0 to 9999" in tags.text
    assert "b" not in tags.names()


def test_a_live_view_without_a_server_is_said(project: Project) -> None:
    project.write(index_rst=page(".. kv-cache:: growth"))
    project.build("html", "")
    assert project.said() == [
        "index.rst:4: WARNING: kv-cache: kvembed_server is not set in conf.py [kvembed]"
    ]


def test_without_the_site_a_page_is_built_and_the_build_says_so(
    project: Project, nobody: str
) -> None:
    project.write(index_rst=page(snippet(VIEW, "sphinx", "")))
    folder = project.build("html", nobody)
    assert Tags((folder / "index.html").read_text()).only("kv-cache")["src"] == nobody
    (said,) = project.said()
    assert said.startswith("index.rst:4: WARNING: kv-cache: ")
    assert "stands in for this view of why-not-q" in said


@pytest.mark.parametrize("builder", ["html", "dirhtml", "singlehtml"])
def test_a_snapshot_is_a_file_of_the_site_that_the_element_shows(
    builder: str, project: Project, still_site
) -> None:
    (project.folder / "sub").mkdir()
    project.write(index_rst=page(".. toctree::\n\n   sub/deep"))
    project.write(**{"sub/deep_rst": page(".. kv-cache:: growth\n   :mode: snapshot")})
    folder = project.build(builder, still_site.url)
    names = {"dirhtml": "sub/deep/index.html", "singlehtml": "index.html"}
    file = folder / names.get(builder, "sub/deep.html")
    element = Tags(file.read_text()).only("kv-cache")
    recording = file.parent / element["recording"]
    assert recording.read_bytes() == still_site.answers["/snapshot"][1]
    assert "embed.js" in file.read_text()
    assert project.said() == []


def test_a_snapshot_that_nobody_can_make_is_a_picture_and_is_said(
    project: Project, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kvembed.snapshot.find_spec", lambda _name: None)
    project.write(index_rst=page(".. kv-cache:: growth\n   :mode: snapshot"))
    folder = project.build("html", nobody)
    assert "kv-cache" not in Tags((folder / "index.html").read_text()).names()
    assert "a picture stands in for the snapshot" in project.said()[-1]


def test_pages_read_and_written_in_parallel_are_the_same(project: Project, still_site) -> None:
    names = [f"page{i}" for i in range(8)]
    project.write(index_rst=page(".. toctree::\n\n   " + "\n   ".join(names)))
    for i, name in enumerate(names):
        view = View("growth", f"page {i}", step=i)
        project.write(**{f"{name}_rst": page(snippet(view, "sphinx", ""))})
    folder = project.build("html", still_site.url, parallel=2)
    assert project.said() == []
    for i, name in enumerate(names):
        tags = Tags((folder / f"{name}.html").read_text())
        assert tags.only("kv-cache")["prompt"] == f"page {i}"
        assert (folder / tags.only("img")["src"]).is_file()


class Reader:
    """Sphinx, reading one page after another."""

    def __init__(self, project: Project) -> None:
        project.write(index_rst=page(), rst_rst="", md_md="")
        self.folder = project.folder
        self.app = project.app("html", "https://kv.example.org")
        self.read: list[nodes.document] = []
        self.app.connect("doctree-read", lambda _app, doctree: self.read.append(doctree))

    def __call__(self, suffix: str, text: str) -> nodes.document:
        """The document of a text in a file with this suffix."""
        (self.folder / f"{suffix}.{suffix}").write_text(text, encoding="utf-8", newline="")
        self.app.builder.read_doc(suffix)
        return self.read.pop()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with patch_docutils(), docutils_namespace():
        yield Reader(Project(tmp_path_factory.mktemp("reader")))


@pytest.mark.parametrize(
    ("format", "suffix", "title"), [("sphinx", "rst", "Title\n====="), ("myst", "md", "# Title")]
)
@given(prompt=PROMPTS)
@example(prompt="".join(NASTY))
@settings(deadline=None, max_examples=50)
def test_sphinx_reads_the_prompt_that_was_written(
    reader: Reader, format: str, suffix: str, title: str, prompt: str
) -> None:
    view, placement = View("why-not-q", prompt, step=4), Placement(alt=prompt[:500], height=300)
    text = snippet(view, format, "", placement)
    (section,) = reader(suffix, f"{title}\n\n{text}\n\nafter\n").children
    kinds = [type(child) for child in section.children]
    assert kinds == [nodes.title, kv_cache, nodes.paragraph]
    (node,) = section.findall(kv_cache)
    assert (node["view"], node["placement"]) == (view, placement)


def test_nothing_that_a_prompt_says_becomes_markup(
    project: Project, nobody: str, tmp_path: Path
) -> None:
    views = [View("growth", prompt) for prompt in NASTY]
    project.write(
        index_rst=page(*[snippet(view, "sphinx", "") for view in views]),
        my_md="---\norphan: true\n---\n# My\n\n"
        + "\n\n".join(snippet(view, "myst", "") for view in views),
    )
    folder = project.build("html", nobody)
    (tmp_path / "plain").mkdir()
    plain = Project(tmp_path / "plain")
    plain.write(index_rst=page(".. kv-cache:: growth"))
    usual = Tags((plain.build("html", nobody) / "index.html").read_text()).names()
    extra = sorted(["kv-cache", "a", "img"] * (len(views) - 1))
    for name in ("index", "my"):
        tags = Tags((folder / f"{name}.html").read_text())
        prompts = [found["prompt"] for tag, found in tags.found if tag == "kv-cache"]
        assert prompts == NASTY
        assert sorted(tags.names()) == sorted(usual + extra)


def test_a_picture_speaks_the_language_of_the_document_where_the_view_has_none(
    project: Project, still_site
) -> None:
    project.write(index_rst=page(".. kv-cache:: growth", ".. kv-cache:: growth\n   :lang: en"))
    with (project.folder / "conf.py").open("a") as conf:
        conf.write("language = 'zh_CN'\n")
    folder = project.build("html", still_site.url)
    assert sorted(still_site.asked) == [
        f"/poster.svg?page=growth&lang={lang}" for lang in ("en", "zh")
    ]
    tags = Tags((folder / "index.html").read_text())
    assert [found["alt"] for tag, found in tags.found if tag == "img"] == [
        "看缓存逐步增长",
        "Watch the cache grow",
    ]
    assert ["lang" in found for tag, found in tags.found if tag == "kv-cache"] == [False, True]
