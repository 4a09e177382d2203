"""The parts of a snapshot's document that are written in every language.

All of it is HTML; whatever a visitor or the operator of a server wrote is escaped here.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Collection

from kvembed.languages import LANGUAGES
from ui.figures.matrix import STAGES
from ui.language.facts import filled
from ui.language.i18n import N_, heading, prose, speaker
from ui.served import models, runs
from ui.served.machine import machine
from ui.snapshot import markdown
from ui.snapshot.recording import Recording
from ui.views.address import clean
from ui.views.deletions import WHAT_MOVED, deletions
from ui.views.pages import BY_NAME
from ui.views.resolved import ResolvedView


def both(said: Callable[[str], str], shown: str, tag: str = "span") -> str:
    """The HTML that `said` gives for each language, of which one is to be seen."""
    return "".join(
        f'<{tag} data-lang="{lang}"{"" if lang == shown else " hidden"}>{said(lang)}</{tag}>'
        for lang in LANGUAGES
    )


def words(message: str, shown: str) -> str:
    """One of our own strings, marked with N_ where it is written, in every language."""
    return both(lambda lang: html.escape(speaker(lang)(message)), shown)


def about(of: ResolvedView, made: Recording, lang: str) -> str:
    """The prompt and the model, and the layer and head where there is no control for them."""
    _ = speaker(lang)
    read, name = clean(of.decoder.tokenizer.decode(of.ids))[0], of.decoder.name
    prompt = html.escape(_("Prompt: {prompt}")).format(prompt=f"<q>{html.escape(read)}</q>")
    model = html.escape(_("Model: {model}.").format(model=models.title(name, _)))
    size = markdown.line(models.about(name, of.decoder.config, _))
    said = [prompt, f"{model} {size}"]
    if "layer" in BY_NAME[of.page].parts and made.step is None:
        looked = _("Layer {layer}, head {head}.").format(layer=of.layer, head=of.head)
        said.append(html.escape(looked))
    return "<br>".join(said)


def recorded(of: ResolvedView, link: str, lang: str) -> str:
    """When and on what it was measured, and where to see it live."""
    _ = speaker(lang)
    said = [_("A recording of {date}. The model computed every number in it.")]
    if BY_NAME[of.page].timed:
        said.append(_("Times were measured on {machine}."))
    day = runs.today().isoformat()
    text = html.escape(" ".join(said).format(date=day, machine=machine(lang)))
    if not link:
        return text
    name = html.escape(_("See it live"))
    return f'{text} <a href="{html.escape(link)}">{name}</a>'


def before(of: ResolvedView, made: Recording, shown: str) -> str:
    """The prose above the figure; of the seven steps, all, and one to be seen."""
    if made.step is None:
        return "".join(_section(of, name, shown) for name in BY_NAME[of.page].before)
    return "".join(
        f'<div data-step="{each}"{"" if each == made.step else " hidden"}>'
        f"{_section(of, f'step-{each}', shown)}"
        f"{_proof(of, made, shown) if each == STAGES[-1] else ''}</div>"
        for each in STAGES
    )


def after(of: ResolvedView, shown: str) -> str:
    """The prose below the figure."""
    names = BY_NAME[of.page].after(of.decoder.config)
    return "".join(_section(of, name, shown) for name in names)


def _section(of: ResolvedView, name: str, shown: str) -> str:
    def said(lang: str) -> str:
        return markdown.paragraphs(filled(prose(of.page, name, lang), of.decoder.config))

    return both(said, shown, "div")


def _proof(of: ResolvedView, made: Recording, shown: str) -> str:
    """The effect of the last step's deletions on the logits."""

    def said(lang: str) -> str:
        told = (
            f"<div><dt>{markdown.line(each.title)}</dt>"
            f"<dd><strong>{html.escape(each.gap)}</strong> {markdown.line(each.tokens)}</dd></div>"
            for each in deletions(of.decoder, of.ids, made.lost, lang)
        )
        what = html.escape(speaker(lang)(WHAT_MOVED))
        return f"<dl>{''.join(told)}</dl><p>{what}</p>"

    return both(said, shown, "div")


def controls(of: ResolvedView, made: Recording, shown: str, locked: Collection[str]) -> str:
    """A reader's choices; one that is locked, or has no other, is there without its control."""
    parts = [_languages(shown, "lang" in locked)]
    step = made.step
    if step is None:
        return parts[0]
    parts.append(_hidden("step", step) if "step" in locked else _steps(shown, step))
    for name, message, choices, value in (
        ("layer", N_("Layer"), made.layers, of.layer),
        ("head", N_("Head"), made.heads, of.head),
    ):
        fixed = name in locked or len(choices) == 1
        control = _hidden(name, value) if fixed else _slider(name, choices, value)
        title = f'<label for="kv-{name}">{words(message, shown)}</label>'
        output = f'<output for="kv-{name}">{value}</output>'
        parts.append(f'<div class="pick">{title}{control}{output}</div>')
    return "".join(parts)


def _hidden(name: str, value: object) -> str:
    return f'<input type="hidden" id="kv-{name}" name="{name}" value="{value}">'


def _choices(name: str, names: dict[str, str], chosen: str) -> str:
    """Radio buttons by their values, each with its name as HTML."""
    return "".join(
        f'<label><input type="radio" name="{name}" value="{value}"'
        f"{' checked' if value == chosen else ''}><span>{text}</span></label>"
        for value, text in names.items()
    )


def _languages(shown: str, locked: bool) -> str:
    if locked:
        return _hidden("lang", shown)
    title = f'<legend class="kv-hidden">{words(N_("Language"), shown)}</legend>'
    names = {code: language.name for code, language in LANGUAGES.items()}
    return f'<fieldset class="langs">{title}{_choices("lang", names, shown)}</fieldset>'


def _steps(shown: str, step: int) -> str:
    def button(by: int, sign: str, message: str) -> str:
        name = f'<span class="kv-hidden">{words(message, shown)}</span>'
        sign = f'<span aria-hidden="true">{sign}</span>'
        return f'<button type="button" value="{by}">{sign}{name}</button>'

    back, on = button(-1, "←", N_("Previous step")), button(1, "→", N_("Next step"))
    steps = _choices("step", {str(each): _step(each, shown) for each in STAGES}, str(step))
    title = f'<legend class="kv-hidden">{words(N_("Step"), shown)}</legend>'
    return f'<fieldset class="steps">{title}{back}{steps}{on}</fieldset>'


def _step(step: int, shown: str) -> str:
    """The number to be seen, and what the step is about to be heard."""
    told = both(lambda lang: html.escape(heading("why-not-q", f"step-{step}", lang)), shown)
    return f'{step}<span class="kv-hidden"> {told}</span>'


def _slider(name: str, choices: range, value: int) -> str:
    return (
        f'<input type="range" id="kv-{name}" name="{name}" value="{value}" '
        f'min="{choices[0]}" max="{choices[-1]}">'
    )
