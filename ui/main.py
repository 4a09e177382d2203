"""What every run of the site does: find the state and the language, draw the frame, run a page."""

import streamlit as st

from ui import navigation, state
from ui.i18n import ROOT, _

state.begin()
pages, page = navigation.register()
state.enter(page.url_path)
st.set_page_config(
    page_title=f"{navigation.title(page)} · {_(navigation.SITE)}",
    page_icon=str(ROOT / "assets" / "logo.svg"),
    layout="centered",
)
st.html(ROOT / "assets" / "site.css")
navigation.draw(pages)
top = st.container(key="site_notices")
try:
    page.run()
finally:  # also when the page stopped early, waiting for the model
    with top:
        state.draw_notices()
    state.publish()
