"""The pulse: what the newest token takes of each."""

from ui.views.block import block_of
from ui.views.resolved import ResolvedView
from ui.visit import controls, state
from ui.visit.drawing import draw_figure, place
from ui.visit.embedding import end_of_figure
from ui.visit.prose import draw_prose, title
from ui.visit.stop_page import stop_page
from ui.visit.waiting import require_decoder

PAGE = "pulse"

title(PAGE)
draw_prose(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    stop_page()
layer, head = controls.layer_and_head(decoder.config)
of = ResolvedView(
    page=PAGE,
    decoder=decoder,
    lang=state.current().lang,
    ids=ids,
    layer=layer,
    head=head,
    step=None,
    view=None,
)
with place("pulse", "page"):
    draw_figure(*block_of(of), key="pulse")
end_of_figure()
draw_prose(PAGE, "reading")
