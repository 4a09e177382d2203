"""Every run of the site: find the state and the language, draw the frame, run a page."""

from contextlib import suppress

import streamlit as st

from ui.language.i18n import ROOT, _
from ui.views.pages import SITE
from ui.visit import controls, current_figure, embedding, navigation, notices, share, state
from ui.visit.stop_page import StopPage

state.begin()
pages, page = navigation.register()
state.enter(page.url_path)
st.set_page_config(
    page_title=f"{navigation.title(page)} · {_(SITE)}",
    page_icon=str(ROOT / "assets" / "logo.svg"),
    layout="centered",
)
if not embedding.embedded():
    with navigation.draw(pages, page):
        share.button()
    controls.model_picker()
state.publish("start")  # a page can take its time, and what it finds out is written at its end
top = st.container()
current_figure.forget()
with suppress(StopPage):
    page.run()
if embedding.embedded():
    embedding.draw_end()
with top:
    notices.draw()
state.publish()
share.open_if_asked(page.url_path)
