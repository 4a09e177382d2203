"""Answer a request for something that is made of a view, such as its numbers or its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kvembed.contract import PARAMETERS
from kvembed.view import View
from ui.served.later import LaterError
from ui.web import shell

MOST_WAITING: Final = 64
_LATER: Final = {"Retry-After": "5"}  # seconds

_NAMES: Final = frozenset(parameter.name for parameter in PARAMETERS)
# Models have a queue of their own. Two threads keep it busy while another answer is packed.
_threads: Final = ThreadPoolExecutor(2, thread_name_prefix="answer")


@dataclass(frozen=True)
class Made:
    """The body of an answer, what it is, and what else to say of it."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


def attachment(name: str) -> dict[str, str]:
    """The header of a file that is to be kept under `name`, which is ASCII without quotes."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


class OfView:
    """Reads the view that is asked for, and answers with what `make` makes of it.

    `make` gets the view, a language of the site, and what else it is `told` of this request. It
    runs in a thread, and its ValueError is told to whoever asked.
    """

    def __init__(self, make: Callable[..., Made]) -> None:
        self.make = make
        self.waiting = 0

    async def answer(self, request: Request, **told: str) -> Response:
        """400 for a view that there cannot be, 503 with a sentence for what may go better later."""
        if self.waiting >= MOST_WAITING:
            return PlainTextResponse(
                "Too many are waiting: ask again later.", status_code=503, headers=_LATER
            )
        self.waiting += 1
        try:
            view, lang = _view(request)
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(_threads, partial(self.make, view, lang, **told))
        except ValueError as error:
            return PlainTextResponse(str(error), status_code=400)
        except LaterError as error:
            return PlainTextResponse(str(error), status_code=503, headers=_LATER)
        finally:
            self.waiting -= 1
        return Response(made.body, media_type=made.media_type, headers=dict(made.headers))


def _view(request: Request) -> tuple[View, str]:
    """The view and language asked for; parameters that are not of the contract say nothing."""
    asked = request.query_params
    texts = {name: text for name, text in asked.items() if name in _NAMES}
    view = View.read(asked.get("page", ""), texts)
    return view, view.lang or shell.language("", request.headers.get("accept-language", ""))
