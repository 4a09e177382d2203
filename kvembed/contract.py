"""The contract with authors: which pages can be embedded, and what an address may say of them.

Pages and parameters are public API. Within a version names are only added: a link, a snippet or a
directive that somebody put into a course goes on working. The site reads its addresses by this
table, and every plugin writes them by it. Each text is in every language of the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

VERSION: Final = 1

LANGUAGES: Final = ("en", "zh")
LOCK_ALL: Final = "all"


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page that can be embedded: the path it has on the site, and its title by language."""

    path: str
    title: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Something that an author may say: its kind, its bound, and what it does, by language.

    `most` bounds the characters of a text and the value of a number; `choices` are the words that a
    choice, or each of several names, can be.
    """

    name: str
    kind: Literal["text", "number", "choice", "names", "height"]
    about: Mapping[str, str]
    most: int = 0
    choices: tuple[str, ...] = ()


PAGES: Final[Mapping[str, Page]] = {
    "home": Page(
        path="",
        title={"en": "What a decoder remembers", "zh": "解码器记住了什么"},
    ),
    "why-not-q": Page(
        path="why-not-q",
        title={"en": "Why K and V, and not Q?", "zh": "为什么缓存 K 和 V，不缓存 Q？"},
    ),
    "growth": Page(
        path="growth",
        title={"en": "Watch the cache grow", "zh": "看缓存逐步增长"},
    ),
    "timing": Page(
        path="timing",
        title={"en": "With and without", "zh": "有缓存，没缓存"},
    ),
}

# What a view is: every part of it that a link restores, in the order in which an address has it.
STATE: Final = (
    Parameter(
        name="lang",
        kind="choice",
        choices=LANGUAGES,
        about={
            "en": "The language. Without it, that of the reader's browser.",
            "zh": "语言。不写时跟随读者的浏览器。",
        },
    ),
    Parameter(
        name="prompt",
        kind="text",
        most=2000,  # 128 tokens are about 600 characters; a link must stay a link
        about={
            "en": "The text that the model reads, at most 128 tokens of it. A line break becomes a "
            "space. Without it, an opening of the model and language.",
            "zh": "模型读入的提示词（prompt），最多 128 个词元（token）。换行会变成空格。"
            "不写时用该模型和语言的开场文本。",
        },
    ),
    Parameter(
        name="model",
        kind="text",
        most=80,
        about={
            "en": "The model by its name on the site: tiny, smollm2, or one of the operator's own. "
            "Without it, the first that the site has.",
            "zh": "模型在该站点上的名字：tiny、smollm2，或站点自己的模型。"
            "不写时用站点的第一个模型。",
        },
    ),
    Parameter(
        name="layer",
        kind="number",
        most=9999,
        about={
            "en": "The layer, counted from 0.",
            "zh": "层（layer），从 0 数起。",
        },
    ),
    Parameter(
        name="head",
        kind="number",
        most=9999,
        about={
            "en": "The query head, counted from 0.",
            "zh": "查询头（query head），从 0 数起。",
        },
    ),
    Parameter(
        name="step",
        kind="number",
        most=9999,
        about={
            "en": "The step of the page's own figure: 1 to 7 on why-not-q, from 0, the prefill, on "
            "growth.",
            "zh": "该页图中的步骤：why-not-q 为 1 至 7；"
            "growth 从 0 数起，第 0 步是预填充（prefill）。",
        },
    ),
    Parameter(
        name="view",
        kind="text",
        most=80,
        about={
            "en": "What the page's own figure looks at. On why-not-q the chosen cell, row.column, "
            "and in step 7 the position of the old token that loses its rows. On growth an edit, "
            "position:text, whose maps then stand below the figure. On timing how many tokens are "
            "written how often, such as 16x3. home has none.",
            "zh": "该页的图当前查看的内容。why-not-q：选中的格子，写作 `行.列`；"
            "第 7 步则是被删掉一行的旧词元的位置。growth：一处改动，写作 `位置:文本`，"
            "两张变化图随之出现在图的下方。"
            "timing：写几个词元、重复几次，例如 16x3。home 没有。",
        },
    ),
)

# The parts of a view that can be fixed, which are all of them.
KEYS: Final = tuple(parameter.name for parameter in STATE)

PARAMETERS: Final = (
    *STATE,
    Parameter(
        name="lock",
        kind="names",
        choices=(*KEYS, LOCK_ALL),
        about={
            "en": "What a reader may not change: names of parameters with commas between them, or "
            "all.",
            "zh": "读者不能改动的部分：用逗号隔开的参数名，或 all（全部）。",
        },
    ),
)

# How a view is placed in the author's page. None of it is part of an address.
PLACEMENT: Final = (
    Parameter(
        name="height",
        kind="height",
        most=4000,
        about={
            "en": "The height in CSS pixels, from 120, or auto: as tall as what it shows.",
            "zh": "高度，以 CSS 像素计，至少 120；或写 auto，随内容而定。",
        },
    ),
    Parameter(
        name="start",
        kind="choice",
        choices=("visible", "click"),
        about={
            "en": "When it starts to be live: as soon as it is seen, or on a click. Without it, "
            "the first on a page starts when seen and the others on a click.",
            "zh": "何时开始运行：visible 表示一进入视野就开始，click 表示点击后开始。"
            "不写时，一页中的第一个视图进入视野就开始，其余的点击后开始。",
        },
    ),
    Parameter(
        name="mode",
        kind="choice",
        choices=("live", "snapshot"),
        about={
            "en": "Live, by the site; or a snapshot: a recording put into the page when it is "
            "built, which needs no server.",
            "zh": "live 表示由站点实时运行；snapshot 表示构建时放进页面的一份记录，不需要服务器。",
        },
    ),
    Parameter(
        name="alt",
        kind="text",
        most=500,
        about={
            "en": "What the picture shows, for those who cannot see it. Without it, the title of "
            "the page and the prompt.",
            "zh": "写给看不到图的读者的图片说明。不写时用页面标题和提示词。",
        },
    ),
)
