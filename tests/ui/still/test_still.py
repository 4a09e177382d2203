"""The engine that paints pictures: its bounds, and what it measures text by."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.ui.made_up import made_up
from ui.record.record import Message, write
from ui.served.later import LaterError
from ui.still import draw, widths
from ui.still.budget import WHOLE
from ui.still.engine import Engine, ScriptError

SCRIPT = """
let calls = 0;
globalThis.count = () => String((calls += 1));
globalThis.echo = (text) => JSON.stringify(text);
globalThis.never = () => { for (;;); };
globalThis.deep = () => deep();
globalThis.large = () => { const all = []; for (;;) all.push(new Float64Array(1000)); };
globalThis.wrong = () => nothing.at.all;
"""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(SCRIPT, most_seconds=0.5, most_bytes=8 << 20)


@pytest.mark.parametrize("name", ["never", "deep", "large", "wrong"])
def test_a_call_that_fails_or_exceeds_a_bound_is_an_error_and_the_next_one_has_a_new_engine(
    engine: Engine, name: str
) -> None:
    engine.call("count")
    with pytest.raises(ScriptError):
        engine.call(name)
    assert engine.call("count") == "1"


def test_one_engine_answers_many_threads_each_with_its_own(engine: Engine) -> None:
    texts = [str(i) for i in range(200)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda text: engine.call("echo", text), texts)) == [
            json.dumps(text) for text in texts
        ]


def test_a_text_reaches_the_engine_as_it_is(engine: Engine) -> None:
    text = "".join(map(chr, range(256))) + "鲸🐋\u2028\u0000 </script>"
    assert json.loads(engine.call("echo", text)) == text


def test_a_picture_that_cannot_be_painted_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing = Engine("globalThis.still = () => nothing.at.all;")
    monkeypatch.setattr(draw, "_engine", lambda: failing)
    block = write(Message(made_up(), {}, {}))
    with pytest.raises(LaterError, match=r"^the picture could not be drawn$"):
        draw.still("race", block, WHOLE)


def test_the_table_of_widths_is_that_of_the_fonts() -> None:
    assert widths.TABLE.read_text(encoding="utf-8") == widths.script()
    assert re.search(r'\b580: "Zbdpq', widths.script(), re.MULTILINE)
