"""The documentation for authors, which uses the plugin that it documents."""

import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

project = "kvembed"
copyright = "The KV cache, live"
extensions = ["myst_parser", "kvembed.sphinx", "parts"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3  # what a link to a chapter names, as on GitHub
kvembed_server = os.environ.get("KVEMBED_SERVER", "http://localhost:8501")

html_theme = "furo"
html_title = "One line, one live view"
html_theme_options = {"sidebar_hide_name": False}
html_static_path = ["_static"]
html_css_files = ["docs.css"]
html_show_sourcelink = False
html_copy_source = False
