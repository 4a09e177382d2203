"""Prompts that mean something to one host or another, or to a browser."""

from hypothesis import strategies as st

FRAGMENTS = [
    '"', "'", "\\", "`", "```", ":::", "<", ">", "&", "&quot;", "&#34;", "%", "%20", "%%", "=", "|",
    "#", " # x", ": ", "{", "}", "{{", "{{<", ">}}", "${x}", "{{ x }}", "{% x %}", "[x](y)", "*a*",
    "_", "$x$", "~", "^", "-->", "<!--", "<![CDATA[", "]]>", "<?", "<script>alert(1)</script>",
    "</kv-cache>", "</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "\n", "\r",
    "\r\n", "\n\n", "\t", " ", "  ", "\u00a0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\uffff",
    ":step: 9", "\n   :step: 9", "\n.. raw:: html\n\n   <b>", ".. kv-cache:: growth", "::kv-cache{",
    '"a"', '"\\n"', "\\n", "\\u0041", "床前明月光", "🐋", "👩‍👩‍👧", "e\u0301", "سلام", "The whale",
]  # fmt: skip

PROMPTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n\r")),
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=8).map("".join),
).filter(bool)

# One of each, and everything at once, for what is too slow to be tried at random.
NASTY = [*FRAGMENTS, "".join(FRAGMENTS)]
