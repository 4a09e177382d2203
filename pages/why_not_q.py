"""Why K and V, and not Q: the seed article's argument over one live matrix."""

import streamlit as st

import kvcore
from ui.figures.matrix import STAGES
from ui.language.i18n import _, heading
from ui.served import runs
from ui.views.matrix import matrix
from ui.visit import controls, deletions, notices, source, staleness, state
from ui.visit.cell import asked_cell, draw_cell, keep_cell
from ui.visit.drawing import draw_matrix, place
from ui.visit.embedding import end_of_figure
from ui.visit.prose import draw_prose, title
from ui.visit.steps import step_picker
from ui.visit.stop_page import stop_page
from ui.visit.verify import badge
from ui.visit.waiting import require_decoder

PAGE = "why-not-q"

title(PAGE)
draw_prose(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if len(ids) < 2:
    st.info(_("One token has no past. Type at least two, and the matrix appears."))
    stop_page()
layer, head = controls.layer_and_head(decoder.config)

run = runs.arrival(decoder, ids)
attention = kvcore.look(run, layer, queries="all")
labels = decoder.tokenizer.labels(ids)

stage = step_picker([heading(PAGE, f"step-{each}") for each in STAGES])
draw_prose(PAGE, f"step-{stage}")
with st.container():  # there at every step: the matrix after it stays as it is
    lost = deletions.token_picker(labels) if stage == STAGES[-1] else None
first = asked_cell(len(ids))
notices.draw("view")
control, lang = state.control("view"), state.current().lang
block = matrix(
    run,
    attention,
    decoder.tokenizer,
    layer=layer,
    head=head,
    stage=stage,
    lost=lost,
    cell=first,
    control=control,
    lang=lang,
)
with place("matrix", "page"):
    chosen = draw_matrix(block, key="matrix", n_tokens=len(ids), cell=first, control=control)
if lost is not None:
    deletions.draw(decoder, ids, lost)
badge(("arrival", run.ids), lambda: kvcore.verifying(decoder.engine, [run]))
if lost is None:
    keep_cell(chosen)
end_of_figure()

draw_prose(PAGE, "cell")
draw_cell(kvcore.cell(attention, head, chosen.row, chosen.col), labels, chosen)

draw_prose(PAGE, "depth")
staleness.draw(runs.new_token(decoder, ids), labels[:-1])

draw_prose(PAGE, "next")
source.lines_that_ran(
    source.FORWARD,
    source.ATTEND,
    shapes={"q": attention.q.shape, "k": attention.k.shape, "scores": attention.scores.shape},
)
