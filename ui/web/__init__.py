"""HTTP: start-up, routes, headers, the document, and what is answered without a page."""
