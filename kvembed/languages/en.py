"""English."""

from typing import Final

from kvembed.languages.language import ElementWords, Language

LANGUAGE: Final = Language(
    tag="en",
    name="English",
    locale="en_GB",
    cjk=False,
    titles={
        "home": "What a decoder remembers",
        "why-not-q": "Why K and V, and not Q?",
        "growth": "Watch the cache grow",
        "timing": "With and without",
    },
    abouts={
        "lang": "The language. Without it, that of the reader's browser.",
        "prompt": (
            "The text that the model reads, at most {tokens} tokens of it. A line break "
            "becomes a space. Without it, an opening of the model and language."
        ),
        "model": (
            "The model by its name on the site: tiny, smollm2, or one of the operator's "
            "own. Without it, the first that the site has."
        ),
        "layer": "The layer, counted from 0.",
        "head": "The query head, counted from 0.",
        "step": (
            "The step of the page's own figure: 1 to 7 on why-not-q, from 0, the prefill, "
            "on growth."
        ),
        "view": (
            "What the page's own figure looks at. On why-not-q the chosen cell, "
            "row.column, and in step 7 the position of the old token that loses its rows. "
            "On growth an edit, position:text, whose maps then stand below the figure. On "
            "timing how many tokens are written how often, such as 16x3. home has none."
        ),
        "lock": (
            "What a reader may not change: names of parameters with commas between them, or all."
        ),
        "height": "The height in CSS pixels, from 120, or auto: as tall as what it shows.",
        "start": (
            "When it starts to be live: as soon as it is seen, or on a click. Without it, "
            "the first on a page starts when seen and the others on a click."
        ),
        "mode": (
            "Live, by the site; or a snapshot: a recording put into the page when it is "
            "built, which needs no server."
        ),
        "alt": (
            "What the picture shows, for those who cannot see it. Without it, the title of "
            "the page and the prompt."
        ),
    },
    columns=("name", "value", "what it does"),
    text="text, at most {most} characters",
    names="some of {words}",
    comma=", ",
    open="Open the live view",
    element=ElementWords(
        name="A KV cache, live",
        poster="Show it live",
        play="Play it",
        wait="Loading…",
        dead="Try again",
        silent="The server of this live view does not answer.",
        sandboxed=(
            "This live view cannot run here: the page lies in a frame whose sandbox lacks "
            "allow-same-origin. A recording can be played here."
        ),
        unplayed=(
            "This recording could not be played: its file is missing, or a "
            "Content-Security-Policy, of this page or of the file, forbids it."
        ),
        address="Live at: ",
    ),
)
