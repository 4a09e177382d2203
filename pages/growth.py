"""Watch the cache grow: prefill, then one token at a time."""

import kvcore
from ui import bounds, controls, edits, runs, source, state, words
from ui.components.growth import growth
from ui.embedding import end_of_figure
from ui.ending import end_page
from ui.growing import growth_steps
from ui.i18n import _
from ui.telling import tell, title
from ui.verify import badge
from ui.waiting import require_decoder

PAGE = "growth"
N_TOKENS = 16

title(_("Watch the cache grow"))
tell(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    end_page()
layer, head = controls.layer_and_head(decoder.config)

model = state.current().model
trace = runs.written(model, ids, N_TOKENS)
last = trace.steps[-1]
attention = kvcore.look(last, layer, queries="all")
kv_head = head // decoder.config.queries_per_kv_head

step = growth(
    key="growth",
    tokens=decoder.tokenizer.labels(last.ids),
    steps=growth_steps(trace, decoder.tokenizer),
    layer=layer,
    head=head,
    kv_head=kv_head,
    n_layers=decoder.config.n_layers,
    n_kv_heads=decoder.config.n_kv_heads,
    scores=attention.scores[head],
    weights=attention.weights[head],
    mask=attention.mask,
    k=attention.k[kv_head],
    v=attention.v[kv_head],
    text=words.growth(),
    step=bounds.step(len(trace.steps)),
    moved=state.moved("step"),
)
state.put("step", step)
badge(("written", ids), lambda: kvcore.verifying(decoder.engine, trace.steps))
end_of_figure()

for section in ("square", "rows", "maps"):
    tell(PAGE, section)

tell(PAGE, "edit")
edits.draw(model, ids)

tell(PAGE, "next")
source.lines_that_ran(
    source.FORWARD,
    source.ATTEND,
    shapes={"q": attention.q.shape, "k": attention.k.shape, "scores": attention.scores.shape},
)
