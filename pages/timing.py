"""With and without: the same tokens timed both ways, on this machine, now."""

import streamlit as st

from kvcore import figures
from ui import controls, racing, state, timings, words
from ui.components.race import race
from ui.i18n import _, prose
from ui.waiting import require_decoder

PAGE = "timing"

st.title(_("With and without"))
st.markdown(prose(PAGE, "lead"))
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    st.stop()
model = state.current().model
n_tokens, repeats = timings.length_and_repeats()
st.caption(racing.machine())
result = timings.ask(model, ids, n_tokens, repeats)
if result is None:
    st.stop()

st.markdown(prose(PAGE, "race"))
race(**timings.lanes(result, ids, decoder.tokenizer), key="race", text=words.race())
timings.summary(result)
st.markdown(prose(PAGE, "latency"))
st.plotly_chart(figures.latency(result, words.latency()), alt=words.latency_alt(), key="latency")
st.markdown(prose(PAGE, "prefill"))
timings.prefill(result)
st.markdown(prose(PAGE, "work"))
timings.work(model, ids, result)
st.markdown(prose(PAGE, "same"))
timings.same(result)
st.markdown(prose(PAGE, "next"))
