"""The prose of a snapshot: the Markdown that we write, as HTML."""

import pytest

from ui.snapshot import markdown


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("### A *b*\n\nc\nd", "<h2>A <em>b</em></h2>\n<p>c\nd</p>"),
        ("- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"),
        (
            ":orange[Q]·:blue[K]ᵀ",
            '<p><span class="ink-q">Q</span>·<span class="ink-k">K</span>ᵀ</p>',
        ),
        ("`a*b*`", "<p><code>a*b*</code></p>"),
        (r"\*a\* \<b\>", "<p>*a* &lt;b&gt;</p>"),
        ("<b> *c* `<i>`", "<p>&lt;b&gt; <em>c</em> <code>&lt;i&gt;</code></p>"),
        (
            "[a *card*](https://a.org/b?c&d)",
            '<p><a href="https://a.org/b?c&amp;d" target="_blank" rel="noopener">'
            "a <em>card</em></a></p>",
        ),
        ("[a](javascript:b)", "<p>[a](javascript:b)</p>"),
        ("<b> & :red[x]", "<p>&lt;b&gt; &amp; :red[x]</p>"),
        (r"$a_1, \dots$", '<p><span class="math"><var>a<sub>1</sub></var>, …</span></p>'),
    ],
)
def test_our_prose_becomes_the_html_that_it_means(text: str, made: str) -> None:
    assert markdown.paragraphs(text) == made
