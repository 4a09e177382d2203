"""The pulse: what the newest token takes of each."""

from ui import views
from ui.views.asked import Asked
from ui.visit import controls, state
from ui.visit.drawing import draw_figure, place
from ui.visit.embedding import end_of_figure
from ui.visit.ending import end_page
from ui.visit.telling import tell, title
from ui.visit.waiting import require_decoder

PAGE = "pulse"

title(PAGE)
tell(PAGE, "lead")
controls.prompt_input()
decoder = require_decoder()
ids = controls.prompt_ids(decoder)
if not ids:
    end_page()
layer, head = controls.layer_and_head(decoder.config)
of = Asked(
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
    draw_figure(*views.block_of(of), key="pulse")
end_of_figure()
tell(PAGE, "reading")
