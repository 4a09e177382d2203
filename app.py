"""The site as an ASGI application: `streamlit run app.py`, or any ASGI server with `app:app`."""

import streamlit as st

from ui.web import server

app = st.App(
    "ui/main.py",
    lifespan=server.lifespan,
    routes=server.routes(),
    middleware=server.middleware(),
)
