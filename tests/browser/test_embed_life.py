"""The element of a page while the page is made, changed and taken apart around it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.lesson import FALLBACK, Lesson, element
from tests.browsing import Visit, until

Open = Callable[..., Visit]

# A view that says what ours says, at once.
VIEW = """<script>for (const say of [{ here: true }, { height: 300 }])
parent.postMessage({ kv: 1, ...say }, "*")</script>"""

# What becomes of `view` and of all its kind; each ends with nothing of it in the page.
ORDERS = {
    "removed at once": "main.append(view); view.remove()",
    "removed before its change is told": "main.append(view); view.step = 1;"
    "view.setAttribute('step', '2'); await null; view.setAttribute('step', '3'); view.remove()",
    "removed while it loads": "main.append(view); await until('.wait'); view.remove()",
    "removed when it is live": "main.append(view); await until('.live'); view.remove()",
    "removed and changed": "main.append(view); await until('.live'); view.remove();"
    "for (const name of ['step', 'page', 'src', 'lang', 'height']) view.setAttribute(name, '1');"
    "view.removeAttribute('page'); await rest()",
    "put back and removed": "for (let i = 0; i < 3; i++) { main.append(view);"
    "await until('.live'); view.remove(); await rest() }",
    "moved": "main.append(view); await until('.live'); document.body.prepend(view);"
    "main.append(view); await until('.live'); view.remove()",
    "never attached": "view.setAttribute('step', '5'); view.append('x'); await rest()",
    "in a part that is never attached": "const part = document.createElement('div');"
    "part.append(view); await rest(); view.remove()",
    "in a shadow": "const outer = main.appendChild(document.createElement('div'));"
    "outer.attachShadow({ mode: 'open' }).append(view); await until('.live'); outer.remove()",
    "in closed details": "main.innerHTML = '<details></details>'; main.firstChild.append(view);"
    "await rest(); main.firstChild.open = true; await until('.live'); main.innerHTML = ''",
    "in another window": "const frame = main.appendChild(document.createElement('iframe'));"
    "main.append(view); await until('.live'); frame.contentDocument.body.append(view);"
    "await until('.live'); view.remove(); frame.remove()",
    "in a window that goes": "const frame = main.appendChild(document.createElement('iframe'));"
    "frame.contentDocument.body.append(view); await until('.live'); frame.remove();"
    "await rest(); view.remove()",
    "in a document without a window": "main.append(view); await until('.live');"
    "const other = document.implementation.createHTMLDocument();"
    "other.body.append(view); view.setAttribute('step', '1'); await rest(); view.remove()",
    "in a page without a body": "const body = document.body; body.remove();"
    "document.documentElement.append(view); await until('.live'); view.remove();"
    "document.documentElement.append(body)",
    "with the whole page": "const body = document.body; body.append(view); await until('.live');"
    "const next = document.createElement('body'); document.body = next; await rest();"
    "document.body = body; await until('.live'); view.remove()",
    "without an address": "for (const src of ['', 'https://', 'https://no such', '/x', '//'])"
    "{ view.setAttribute('src', src); main.append(view); await rest(); view.remove() }",
    "as a recording": "view.setAttribute('recording', '/growth'); main.append(view);"
    "await until('.live'); view.removeAttribute('recording'); await rest(); view.remove()",
}

RUN = """async () => {
  const main = document.querySelector("main")
  let view = document.createElement("kv-cache")
  for (const [name, value] of Object.entries({ page: "growth", src: origin, start: "visible" }))
    view.setAttribute(name, value)
  view.innerHTML = FALLBACK
  window.gone.push(new WeakRef(view))
  const rest = () => new Promise((done) => setTimeout(done, 60))
  const until = async (shown) => {
    for (let i = 0; !view.shadowRoot.querySelector(shown); i++) {
      if (i > 500) throw new Error(`never ${shown}`)
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  try {
    ORDER
  } catch (error) {
    return String(error)
  }
  await rest()
  return "done"
}"""

# Who listens to a page: each call of addEventListener without its removeEventListener.
LISTENERS = """
window.gone = []
window.listeners = new Set()
const known = new WeakMap()
const number = (it) => known.get(it) ?? (known.set(it, Math.random()), known.get(it))
for (const [name, does] of [["addEventListener", "add"], ["removeEventListener", "delete"]]) {
  const own = EventTarget.prototype[name]
  EventTarget.prototype[name] = function (type, listener, ...more) {
    const target = this ?? window
    if (listener && !(target instanceof Node && target !== document))
      window.listeners[does](`${number(target)} ${type} ${number(listener)}`)
    return own.call(this, type, listener, ...more)
  }
}
"""


@pytest.fixture(params=["module", "classic"])
def page(request: pytest.FixtureRequest, lesson: Lesson, visit: Open) -> Page:
    """A page that counts its listeners and its errors, and runs the script as one kind or other."""
    tab = visit("about:blank")
    tab.page.add_init_script(LISTENERS)
    lesson.files["/growth"] = ("text/html", VIEW)
    kind = 'type="module" ' if request.param == "module" else ""
    tab.page.goto(lesson.show(f'<body><main></main><script {kind}src="/embed.js"></script>'))
    tab.page.wait_for_function("Boolean(customElements.get('kv-cache'))")
    yield tab.page
    assert tab.complaints == []


def test_in_whatever_order_an_element_comes_and_goes_nothing_is_thrown_and_nothing_stays(
    page: Page,
) -> None:
    listeners = page.evaluate("window.listeners.size")
    for name, order in ORDERS.items():
        run = RUN.replace("FALLBACK", repr(FALLBACK)).replace("ORDER", order)
        assert page.evaluate(run) == "done", name
        assert page.evaluate("window.listeners.size") == listeners, name
    names = list(ORDERS)
    session = page.context.new_cdp_session(page)

    def kept() -> list[str]:
        session.send("HeapProfiler.collectGarbage")
        alive = page.evaluate("window.gone.map((each) => Boolean(each.deref()))")
        return [name for name, is_alive in zip(names, alive, strict=True) if is_alive]

    until(page, lambda: kept() == [])


def test_a_page_that_comes_back_from_the_history_has_its_view(page: Page, lesson: Lesson) -> None:
    lesson.html += element(lesson.url, page="growth", prompt="", step="")
    page.reload()
    page.locator(".live iframe").wait_for()
    page.goto("about:blank")
    page.go_back()
    page.locator(".live iframe").wait_for()


def test_a_script_that_is_there_twice_does_nothing_a_second_time(page: Page) -> None:
    names = "Object.keys(window).length"
    before = page.evaluate(names)
    for kind in ("", "module"):
        page.evaluate(
            "kind => new Promise((done) => document.body.append(Object.assign("
            "document.createElement('script'), { src: '/embed.js?again', type: kind, onload: done"
            " })))",
            kind,
        )
    assert page.evaluate(names) == before
