"""From what a view asks for to the block of its figure: each page's own way, without the page."""

from __future__ import annotations

import kvcore
from ui.figures.matrix import STAGES
from ui.served import runs
from ui.views.cache_view import cache_view
from ui.views.growth import N_TOKENS, growth
from ui.views.matrix import cell_named, lost_named, matrix, newest_cell
from ui.views.race import DEFAULT_VIEW, VIEWS, race
from ui.views.resolved import ResolvedView


def of_home(of: ResolvedView) -> bytes:
    step = runs.read(of.decoder, of.ids)
    return cache_view(step, (), of.decoder.tokenizer, layer=of.layer, head=of.head, lang=of.lang)


def of_why_not_q(of: ResolvedView) -> bytes:
    n_tokens = len(of.ids)
    if n_tokens < 2:
        raise ValueError("1 token has no past, and makes no matrix: give at least 2")
    stage = of.step_of(len(STAGES), first=1)
    cell, lost = newest_cell(n_tokens), None
    if stage == STAGES[-1]:
        lost = lost_named(of.view, n_tokens - 1)
    elif of.view is not None and not of.view.isdecimal():  # the token of step 7 is no cell
        cell = cell_named(of.view) or cell
        if cell_named(of.view) is None or max(cell) >= n_tokens:
            last = n_tokens - 1
            raise ValueError(
                f"view={of.view!r} is not a cell: give row.column, such as 1.0, up to {last}.{last}"
            )
    run = runs.arrival(of.decoder, of.ids)
    attention = kvcore.look(run, of.layer, queries="all")
    return matrix(
        run,
        attention,
        of.decoder.tokenizer,
        layer=of.layer,
        head=of.head,
        stage=stage,
        lost=lost,
        cell=cell,
        lang=of.lang,
    )


def of_growth(of: ResolvedView) -> bytes:
    trace = runs.written(of.decoder, of.ids, N_TOKENS)
    attention = kvcore.look(trace.steps[-1], of.layer, queries="all")
    step = of.step_of(len(trace.steps))
    return growth(
        of.decoder, trace, attention, layer=of.layer, head=of.head, step=step, lang=of.lang
    )


def of_timing(of: ResolvedView) -> bytes:
    view = of.view or DEFAULT_VIEW
    if view not in VIEWS:
        raise ValueError(f"view={view!r} is not tokens and repeats: give one of {', '.join(VIEWS)}")
    n_tokens, repeats = (int(part) for part in view.split("x"))
    result = runs.raced(of.decoder, of.ids, n_tokens, repeats)
    return race(result, of.ids, of.decoder.tokenizer, of.lang)
