"""One visitor: the state of the visit, the controls, and what Streamlit draws on a page."""
