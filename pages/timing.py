"""With and without: the same tokens timed both ways, on this machine, now."""

import streamlit as st

from kvcore import figures
from ui.figures import latency
from ui.served.machine import machine
from ui.views.race import race
from ui.visit import controls, state, timings
from ui.visit.drawing import draw_figure, place
from ui.visit.embedding import end_of_figure
from ui.visit.prose import draw_prose, title
from ui.visit.stop_page import stop_page
from ui.visit.waiting import require_decoder

PAGE = "timing"

title(PAGE)
draw_prose(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    stop_page()
lang = state.current().lang
n_tokens, repeats = timings.length_and_repeats()
st.caption(machine(lang))
result = timings.ask(decoder, ids, n_tokens, repeats)
if result is None:
    stop_page()

draw_prose(PAGE, "race")
with place("race", "page"):
    draw_figure("race", race(result, ids, decoder.tokenizer, lang), key="race")
timings.summary(result, len(ids))
timings.verified(decoder, ids, result)
end_of_figure()

draw_prose(PAGE, "latency")
st.plotly_chart(
    figures.latency(result, latency.words(lang)),
    alt=latency.alt(lang),
    config={"displayModeBar": False},
    key="latency",
)
draw_prose(PAGE, "prefill")
timings.prefill(result)
draw_prose(PAGE, "work")
timings.work(decoder, ids, result)
draw_prose(PAGE, "same")
timings.same(result)
draw_prose(PAGE, *timings.next_steps(result))
