"""With and without: the same tokens timed both ways, on this machine, now."""

import streamlit as st

from kvcore import figures
from ui import controls, racing, state, timings, words
from ui.components.race import race
from ui.embedding import end_of_figure
from ui.ending import end_page
from ui.i18n import _
from ui.telling import tell, title
from ui.waiting import require_decoder

PAGE = "timing"

title(_("With and without"))
tell(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    end_page()
model = state.current().model
n_tokens, repeats = timings.length_and_repeats()
st.caption(racing.machine())
result = timings.ask(model, ids, n_tokens, repeats)
if result is None:
    end_page()

tell(PAGE, "race")
race(**timings.lanes(result, ids, decoder.tokenizer), key="race", text=words.race())
timings.summary(result)
timings.verified(result)
end_of_figure()

tell(PAGE, "latency")
st.plotly_chart(figures.latency(result, words.latency()), alt=words.latency_alt(), key="latency")
tell(PAGE, "prefill")
timings.prefill(result)
tell(PAGE, "work")
timings.work(model, ids, result)
tell(PAGE, "same")
timings.same(result)
tell(PAGE, "next")
