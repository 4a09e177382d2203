"""The memory of a decoder: type, and watch the cache follow the text."""

import streamlit as st

import kvcore
from ui.language.i18n import _
from ui.served import models
from ui.views.cache_view import cache_view, reading
from ui.views.pages import PAGES
from ui.visit import controls, live, source, state
from ui.visit.drawing import draw_figure, place
from ui.visit.embedding import end_of_figure
from ui.visit.navigation import door
from ui.visit.prose import draw_prose, title
from ui.visit.verify import badge
from ui.visit.waiting import require_decoder

PAGE = "home"

title(PAGE)
draw_prose(PAGE, "lead")
decoder = require_decoder()


@st.fragment
def typing() -> None:
    """Runs again at every pause in typing, alone: the rest of the page stays as it is."""
    controls.prompt_input(then=lambda: live.follow(decoder, controls.first_ids(decoder)))
    ids = controls.prompt_ids(decoder)
    step, fallen = live.follow(decoder, ids)
    if not ids or not step:
        state.publish("typing")
        return
    picture = place("cache_view", "page")
    picture.empty()  # one with nothing in it is not drawn, and keeps no room for what comes later
    if not state.locked("prompt"):
        live.continue_button(decoder, step)
    layer, head = controls.layer_and_head(decoder.config)
    with picture:
        lang = state.current().lang
        block = cache_view(step, fallen, decoder.tokenizer, layer=layer, head=head, lang=lang)
        draw_figure("cache_view", block, key="cache_view")
    if step.reused:
        badge(live.run_of(decoder, step), lambda: kvcore.verifying(decoder.engine, [step]))
    else:
        st.caption(_("This step read nothing from the cache yet. Type on, and it is verified."))
    state.publish("typing")


typing()
end_of_figure()

for section in (*reading(decoder.config), "edit", "next"):
    draw_prose(PAGE, section)
for page in PAGES:
    if page.name != PAGE:
        door(page)
        draw_prose(page.name, "door")
if state.current().model in models.KNOWN:
    draw_prose(PAGE, f"model-{state.current().model}")
source.lines_that_ran(source.UPDATE, source.FORWARD, shapes={})
