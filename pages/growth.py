"""Watch the cache grow: prefill, then one token at a time."""

import kvcore
from ui.served import runs
from ui.views.growth import N_TOKENS, growth
from ui.visit import bounds, controls, edits, source, state
from ui.visit.drawing import draw_growth, place, settled_step
from ui.visit.embedding import embedded, end_of_figure
from ui.visit.prose import draw_prose, title
from ui.visit.stop_page import stop_page
from ui.visit.verify import badge
from ui.visit.waiting import require_decoder

PAGE = "growth"

title(PAGE)
draw_prose(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    stop_page()
layer, head = controls.layer_and_head(decoder.config)

trace = runs.written(decoder, ids, N_TOKENS)
last = trace.steps[-1]
attention = kvcore.look(last, layer, queries="all")
n_steps, lang = len(trace.steps), state.current().lang

control = state.control("step")
step = settled_step("growth", n_steps, bounds.step(n_steps), control)
block = growth(
    decoder, trace, attention, layer=layer, head=head, step=step, control=control, lang=lang
)
with place("growth", "page"):
    draw_growth(block, key="growth")
state.put("step", step)
badge(("written", ids), lambda: kvcore.verifying(decoder.engine, trace.steps))
if embedded() and state.current().view is not None:  # the edit that the author names
    edits.draw(decoder, ids)
end_of_figure()

for section in ("square", "rows", "maps"):
    draw_prose(PAGE, section)

draw_prose(PAGE, "edit")
edits.draw(decoder, ids)

draw_prose(PAGE, "next")
source.lines_that_ran(
    source.FORWARD,
    source.ATTEND,
    shapes={"q": attention.q.shape, "k": attention.k.shape, "scores": attention.scores.shape},
)
