"""The controls and results of /timing: length and repeats, and one run's result in figures."""

from __future__ import annotations

import numpy as np
import streamlit as st

import kvcore
from kvcore import Contiguous, Decoder, NoCache, RaceResult, run_costs
from kvembed.contract import MAX_PROMPT_TOKENS
from ui.language.i18n import _, prose
from ui.language.units import gap, many, size
from ui.served import runs
from ui.served.runs import Ids
from ui.views.race import DEFAULT_VIEW, LENGTHS, REPEATS, VIEWS
from ui.visit import bounds, controls, racing, state
from ui.visit.results import results
from ui.visit.verify import badge

_RESULT = "race_result"


def length_and_repeats() -> tuple[int, int]:
    """How many tokens to write, how often. The address carries both as `view`, say 16x3."""
    asked = bounds.view(VIEWS, default=DEFAULT_VIEW)
    n_tokens, repeats = (int(part) for part in asked.split("x"))
    left, right = st.columns(2)
    if state.locked("view"):
        with left:
            controls.fixed(_("Tokens to write"), n_tokens)
        with right:
            controls.fixed(_("Repeats"), repeats)
        return n_tokens, repeats
    moved = state.seed_all("view", {"race_tokens": n_tokens, "race_repeats": repeats})
    with left:
        n_tokens = _choice(
            "race_tokens", _("Tokens to write"), LENGTHS, None if moved else n_tokens
        )
    with right:
        repeats = _choice("race_repeats", _("Repeats"), REPEATS, None if moved else repeats)
    state.put("view", f"{n_tokens}x{repeats}")
    return n_tokens, repeats


def _choice(key: str, label: str, options: tuple[int, ...], default: int | None) -> int:
    chosen: int = st.segmented_control(label, options, default=default, key=key, required=True)
    return chosen


def ask(decoder: Decoder, ids: Ids, n_tokens: int, repeats: int) -> RaceResult | None:
    """Offer to run; the result of this very prompt and length, or None when there is none yet."""
    asked = (decoder, ids, n_tokens, repeats)
    if st.button(_("Run both ways now"), key="run"):
        st.session_state[_RESULT] = (asked, racing.run(*asked))
    of, result = st.session_state.get(_RESULT, (None, None))
    if of == asked:
        found: RaceResult = result
        return found
    return None


def summary(result: RaceResult, n_prompt: int) -> None:
    """The gain after the prefill, what it is of, and what may be said of it."""
    if result.cached.shape[1] < 2:
        st.info(_("The model stopped after one token, so there was nothing to reuse."))
        return
    cached, recomputed = result.decode_seconds
    results(
        {
            _("Each token, with the cache"): f"{1e3 * cached:.1f} ms",
            _("Each token, recomputed"): f"{1e3 * recomputed:.1f} ms",
            _("Speed-up"): f"{result.decode_ratio:.2f}×",
        }
    )
    st.caption(prose("timing", "summary"))
    st.info("\n\n".join(verdict(result, n_prompt)))


def verdict(result: RaceResult, n_prompt: int) -> list[str]:
    """The verdict of this run on the cache, how far its repeats agree, and what would say more."""
    said = [prose("timing", result.verdict)]
    if len(result.decode_ratios) > 1:
        low, high = result.decode_ratios.min(), result.decode_ratios.max()
        said.append(prose("timing", "spread").format(low=f"{low:.2f}", high=f"{high:.2f}"))
    if result.verdict != "faster":
        said.append(prose("timing", "small"))
        if n_prompt < MAX_PROMPT_TOKENS:
            said.append(prose("timing", "longer"))
        if not is_longest(result):
            said.append(prose("timing", "more"))
    return said


def is_longest(result: RaceResult) -> bool:
    """Whether no run can write more tokens: these are the most on offer, or all there are."""
    return result.cached.shape[1] not in LENGTHS[:-1]


def next_steps(result: RaceResult) -> list[str]:
    """The sections that say what to try: none asks for more than the page offers."""
    repeats = len(result.cached)
    return [
        "next",
        *([] if is_longest(result) else ["next-tokens"]),
        *([] if repeats == REPEATS[-1] else ["next-repeats"]),
    ]


def prefill(result: RaceResult) -> None:
    """The first step, which both ways compute in full."""
    cached, recomputed = (
        1e3 * float(np.median(seconds[:, 0])) for seconds in (result.cached, result.recomputed)
    )
    results(
        {
            _("Prefill, with the cache"): f"{cached:.1f} ms",
            _("Prefill, recomputed"): f"{recomputed:.1f} ms",
        }
    )
    st.caption(_("The median over the repeats."))


def work(decoder: Decoder, ids: Ids, result: RaceResult) -> None:
    """Rows and FLOPs of the last step, counted in the forward; totals of the run by formula."""
    seen = (*ids, *result.new_ids[:-1])
    if len(result.new_ids) < 2:
        return
    cached, recomputed = runs.counted(decoder, seen)
    rows = [
        (_("rows of :orange[Q]"), cached.q_rows, recomputed.q_rows),
        (_("rows of :blue[K]"), cached.k_rows, recomputed.k_rows),
        (_("rows of :green[V]"), cached.v_rows, recomputed.v_rows),
        (_("rows of attention"), cached.attention_rows, recomputed.attention_rows),
        (_("rows of the MLP"), cached.mlp_rows, recomputed.mlp_rows),
        (_("rows of logits"), cached.logits_rows, recomputed.logits_rows),
    ]
    head = (_("counted in the last step, all layers"), _("with the cache"), _("recomputed"))
    lines = [f"| {' | '.join(head)} |", "|:--|--:|--:|"]
    lines += [f"| {what} | {ours:,} | {theirs:,} |" for what, ours, theirs in rows]
    lines.append(f"| FLOPs | {many(cached.flops)} | {many(recomputed.flops)} |")
    st.markdown("\n".join(lines))
    n_steps = len(result.new_ids)
    cached, recomputed = (
        run_costs(decoder.config, prompt=len(ids), steps=n_steps, cache=cache)
        for cache in (Contiguous(), NoCache())
    )
    st.caption(
        _(
            "Whole run of {steps} steps, by formula: {cached} FLOPs with the cache, {recomputed} "
            "without. The cache holds {held} at the end."
        ).format(
            steps=n_steps,
            cached=many(sum(cost.flops for cost in cached)),
            recomputed=many(sum(cost.flops for cost in recomputed)),
            held=size(cached[-1].held_bytes),
        )
    )


def same(result: RaceResult) -> None:
    """Whether both ways chose the same tokens, and how far their logits were apart."""
    results(
        {
            _("Tokens"): _("the same") if result.same_tokens else _("different"),
            _("Largest logit gap"): gap(result.gap),
        }
    )


def verified(decoder: Decoder, ids: Ids, result: RaceResult) -> None:
    """The badge: the race has compared both ways at every step."""
    how = _(
        "Every step of the race ran both ways on the same tokens. This is the largest difference "
        "of any logit in all of them."
    )
    run = ("race", ids, result.new_ids, result.gap)
    badge(run, lambda: kvcore.verifying_race(decoder.engine, ids, result), how=how)
