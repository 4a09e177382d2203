"""The contract as a table to read, in Markdown, for documentation that has to agree with it."""

from __future__ import annotations

from typing import Final

from kvembed.contract import PARAMETERS, PLACEMENT, Parameter
from kvembed.values import LEAST_HEIGHT

_HEAD: Final = {"en": ("name", "value", "what it does"), "zh": ("名称", "取值", "作用")}
_TEXT: Final = {"en": "text, at most {most} characters", "zh": "文本，最多 {most} 个字符"}
_NAMES: Final = {"en": "some of {words}", "zh": "{words} 中的若干个"}
_COMMA: Final = {"en": ", ", "zh": "、"}


def table(lang: str = "en") -> str:
    """Every parameter of the contract, what it can be and what it does.

    Raises KeyError for a language that the contract has no text in.
    """
    rows = [_HEAD[lang], ("---", "---", "---")]
    for parameter in (*PARAMETERS, *PLACEMENT):
        rows.append((f"`{parameter.name}`", _value(parameter, lang), parameter.about[lang]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _value(parameter: Parameter, lang: str) -> str:
    words = _COMMA[lang].join(f"`{word}`" for word in parameter.choices)
    match parameter.kind:
        case "text":
            return _TEXT[lang].format(most=parameter.most)
        case "number":
            return f"0–{parameter.most}"
        case "height":
            return f"`auto`{_COMMA[lang]}{LEAST_HEIGHT}–{parameter.most}"
        case "names":
            return _NAMES[lang].format(words=words)
        case "choice":
            return words
