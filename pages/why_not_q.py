"""Why K and V, and not Q: the seed article's argument over one live matrix."""

import streamlit as st

import kvcore
from ui import controls, deletions, runs, source, staleness, state, words
from ui.cell import asked_cell, draw_cell, keep_cell
from ui.components.matrix import STAGES, Deleted, matrix
from ui.embedding import end_of_figure
from ui.ending import end_page
from ui.i18n import _
from ui.steps import step_picker
from ui.telling import tell, title
from ui.verify import badge
from ui.waiting import require_decoder

PAGE = "why-not-q"

title(_("Why K and V, and not Q?"))
tell(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if len(ids) < 2:
    st.info(_("One token has no past. Type at least two, and the matrix appears."))
    end_page()
layer, head = controls.layer_and_head(decoder.config)

model = state.current().model
run = runs.arrival(model, ids)
attention = kvcore.look(run, layer, queries="all")
kv_head = head // decoder.config.queries_per_kv_head
labels = decoder.tokenizer.labels(ids)

stage = step_picker(len(STAGES))
tell(PAGE, f"step-{stage}")
lost = deletions.token_picker(labels) if stage == STAGES[-1] else None
first = asked_cell(len(ids))
state.draw_notices("view")
chosen = matrix(
    key="matrix",
    tokens=labels,
    q=attention.q[head],
    k=attention.k[kv_head],
    v=attention.v[kv_head],
    scores=attention.scores[head],
    mask=attention.mask,
    weights=attention.weights[head],
    z=attention.z[head],
    stage=stage,
    deleted=Deleted(q=True, k=lost, v=lost) if lost is not None else None,
    text=words.matrix(deleting=lost is not None),
    cell=first,
    moved=state.moved("view"),
)
if lost is not None:
    deletions.draw(model, ids, lost)
badge(("arrival", run.ids), lambda: kvcore.verifying(decoder.engine, [run]))
if chosen and lost is None:
    keep_cell(chosen)
end_of_figure()

if chosen:
    tell(PAGE, "cell")
    draw_cell(kvcore.cell(attention, head, chosen.row, chosen.col), labels, chosen)

tell(PAGE, "depth")
staleness.draw(runs.new_token(model, ids), labels[:-1])

tell(PAGE, "next")
source.lines_that_ran(
    source.FORWARD,
    source.ATTEND,
    shapes={"q": attention.q.shape, "k": attention.k.shape, "scores": attention.scores.shape},
)
