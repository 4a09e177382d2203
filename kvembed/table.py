"""The contract as a table to read, in Markdown, for documentation that has to agree with it."""

from __future__ import annotations

from kvembed.contract import PARAMETERS, PLACEMENT, Parameter
from kvembed.languages import DEFAULT, LANGUAGES, Language
from kvembed.values import LEAST_HEIGHT


def table(lang: str = DEFAULT) -> str:
    """Every parameter of the contract, what it can be and what it does.

    Raises KeyError for a language that there is not.
    """
    language = LANGUAGES[lang]
    rows = [language.columns, ("---", "---", "---")]
    for parameter in (*PARAMETERS, *PLACEMENT):
        rows.append((f"`{parameter.name}`", _value(parameter, language), parameter.about[lang]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _value(parameter: Parameter, language: Language) -> str:
    words = language.comma.join(f"`{word}`" for word in parameter.choices)
    match parameter.kind:
        case "text":
            return language.text.format(most=parameter.most)
        case "number":
            return f"0–{parameter.most}"
        case "height":
            return f"`auto`{language.comma}{LEAST_HEIGHT}–{parameter.most}"
        case "names":
            return language.names.format(words=words)
        case "choice":
            return words
