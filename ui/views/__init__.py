"""Views: what a page shows in one state, packed for its figure, without a browser or a visitor.

Pages, posters, snapshots and tables are all made from these blocks. Nothing here knows Streamlit;
models run through `ui.served.runs`, in the one queue of this server.
"""
