"""The site's own figures: canvas components that receive a run once and play it in the browser.

A module a figure, which packs what the figure shows into one block of bytes: pages, posters,
snapshots and tables are all made from that. None of it knows Streamlit.
"""
