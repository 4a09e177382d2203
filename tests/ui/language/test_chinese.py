"""Chinese as it is set and as engineers say it: wide punctuation, one word for one thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from ui.language import catalogue, i18n
from ui.language.i18n import ROOT

HAN = "\u4e00-\u9fff"
WIDE = "，。：；？！、（）“”"

SETTING = {  # what may not be found
    "no narrow punctuation after Chinese": f"[{HAN}{WIDE}] ?[,;:?!()\"']|[{HAN}{WIDE}] ?\\.(?!\\w)",
    "nor before it": f"[,;:?!()\"'.] ?[{HAN}{WIDE}]",
    "no space beside wide punctuation": f"[{HAN}] [{WIDE}]|[{WIDE}] [{HAN}]",
    "a space between Chinese and Latin": f"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]",
    "an ellipsis is two": "(?<!…)…(?!…)",
    "quotes are double": "[‘’「」『』]",
}

# What is not said in Chinese: code, addresses, formulas; and marks that are not read at all.
CODE = re.compile(r"`[^`]*`|\$[^$]*\$|\b[\w-]+=\"[^\"]*\"|\w+\(\{[^)]*\)")
MARKS = re.compile(r":(?:blue|green|orange)\[([^\]]*)\]|\[([^\]]*)\](?:\([^)]*\))?")

# What is said in another way here: the one word of each thing stands on the right.
ONE_WORD = {
    r"白算|重新计算|重复计算": "重算",
    r"长大": "增长",
    r"够不着": "看不到",
    r"遇上": "相乘",
    r"(?:头|(?<!每)层) ?[\d{]": "第 4 头，第 3 层",
    r"(?<![第\d] )\{(?:some_)?(?:kv_)?head\} ?[个头]": "第 4 头",
    r"键值缓存|kv 头|[KV] 头 \d": "KV 缓存，KV 头",
    r"令牌|标记符|词符": "词元",
    r"提示语|提示文本": "提示词",
    r"遮罩|蒙版|掩膜": "掩码",
    r"预填(?!充)": "预填充",
    r"前向(?!计算)": "前向计算",
    r"加速倍数|快多少倍": "加速比",
    r"相等": "一致",
    r"指向一": "把鼠标移到",
}

# The English of a term stands beside its first use on a page.
TERMS = {
    "解码器": "decoder",
    "词元": "token",
    "提示词": "prompt",
    "缓存": "cache",
    "查询": "query",
    "权重": "weight",
    "掩码": "mask",
    "注意力": "attention",
    "预填充": "prefill",
    "前向计算": "forward",
}
PAGES = sorted(path.stem for path in (i18n.TEXT / "zh").glob("*.md"))


def written() -> Iterator[tuple[str, str]]:
    """Every Chinese text of the product, with its place."""
    for message in catalogue.read("zh"):
        for form in catalogue.forms(message) if message.id else ():
            yield f"site.po: {message.id}", form
    prose = [i18n.TEXT / "zh" / f"{page}.md" for page in PAGES]
    for path in (*prose, *sorted((ROOT / "docs").glob("*zh.md"))):
        text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        yield from ((path.name, line) for line in text.splitlines())
    for path in (*sorted((ROOT / "kvembed").rglob("*.py")), ROOT / "docs" / "parts.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.name, node.value


TEXTS = [(place, text) for place, text in written() if re.search(f"[{HAN}]", text)]


def said(text: str) -> str:
    """A text without its code and marks. A slot is a word, `x`, or what may come in quotes, `·`."""
    text = MARKS.sub(lambda mark: mark[1] or mark[2], CODE.sub("x", text))
    text = re.sub(r"\{(?:token|text|query|key|before|after)\}", "·", text)
    return re.sub(r"\{\w+\}", "x", text)


def test_the_texts_of_every_place_are_read() -> None:
    places = {place.split(":")[0] for place, _ in TEXTS}
    assert {"site.po", "home.md", "zh.md", "gallery-zh.md", "zh.py", "parts.py"} <= places


@pytest.mark.parametrize("rule", SETTING)
def test_chinese_is_set_as_chinese(rule: str) -> None:
    assert not [each for each in TEXTS if re.search(SETTING[rule], said(each[1]))]


@pytest.mark.parametrize("pair", ["“”", "（）"])
def test_quotes_and_brackets_come_in_pairs(pair: str) -> None:
    for place, text in TEXTS:
        marks = re.sub(f"[^{pair}]", "", text)
        assert marks == pair * (len(marks) // 2), (place, text)


@pytest.mark.parametrize("other", ONE_WORD)
def test_a_thing_has_one_word(other: str) -> None:
    found = [(place, text) for place, text in TEXTS if re.search(other, text)]
    assert not found, f"say {ONE_WORD[other]}"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("term", TERMS)
def test_the_first_use_of_a_term_in_a_sentence_has_the_english_beside_it(
    page: str, term: str
) -> None:
    whole = "\n".join(i18n.sections(page, "zh").values())
    text = said(re.sub(r"^#.*$", "", whole, flags=re.MULTILINE))
    _, used, after = text.partition(term)
    assert not used or re.match(f"[{HAN}]*（[^）]*{TERMS[term]}", after), after[:30]
